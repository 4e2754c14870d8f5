#include "stage_store.h"

#include <openssl/evp.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <fstream>
#include <memory>

#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMostFiles = 200000;
constexpr size_t kMostDigests = 100000;

SqlError bad_path(const std::string& path) {
  return SqlError("001011", "42601", "SQL compilation error:\ninvalid stage path '" + path + "'");
}

bool stays_inside(const fs::path& root, const fs::path& path) {
  const auto [end, rest] = std::mismatch(root.begin(), root.end(), path.begin(), path.end());
  return end == root.end();
}

}  // namespace

StageStore::StageStore(fs::path root) {
  fs::create_directories(root);
  root_ = fs::canonical(root);
}

fs::path StageStore::resolve(int64_t stage_id, const std::string& path) const {
  const fs::path base = root_ / std::to_string(stage_id);
  if (path.find('\0') != std::string::npos || path.find('\\') != std::string::npos || path.size() > 1024) throw bad_path(path);
  fs::path out = base;
  size_t begin = 0;
  while (begin <= path.size()) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string part = path.substr(begin, end - begin);
    if (part == ".." || part == ".") throw bad_path(path);
    if (!part.empty()) out /= part;
    begin = end + 1;
  }
  // A link someone left in the directory must not lead out either.
  fs::create_directories(base);
  if (!stays_inside(fs::canonical(base), fs::weakly_canonical(out))) throw bad_path(path);
  return out;
}

fs::path StageStore::upload_directory(int64_t stage_id, const std::string& path) const {
  const fs::path directory = resolve(stage_id, path);
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) throw bad_path(path);
  return directory;
}

std::vector<StagedFile> StageStore::list(int64_t stage_id, const std::string& prefix) {
  std::vector<StagedFile> files;
  const fs::path base = root_ / std::to_string(stage_id);
  if (!fs::exists(base)) return files;
  for (const auto& entry : fs::recursive_directory_iterator(base)) {
    if (!entry.is_regular_file() || entry.is_symlink()) continue;
    const std::string inside = entry.path().lexically_relative(base).generic_string();
    if (!inside.starts_with(prefix)) continue;
    struct stat facts {};
    if (::stat(entry.path().c_str(), &facts) != 0) continue;
    const int64_t modified_ns = static_cast<int64_t>(facts.st_mtim.tv_sec) * 1000000000 + facts.st_mtim.tv_nsec;
    files.push_back({inside, facts.st_size, md5_of(entry.path(), facts.st_size, modified_ns), modified_ns / 1000});
    if (files.size() > kMostFiles) throw SqlError("100178", "22000", "the stage holds too many files for this server");
  }
  std::sort(files.begin(), files.end(), [](const StagedFile& a, const StagedFile& b) { return a.path < b.path; });
  return files;
}

bool StageStore::remove(int64_t stage_id, const std::string& path) const {
  std::error_code error;
  return fs::remove(resolve(stage_id, path), error);
}

void StageStore::remove_stage(int64_t stage_id) const {
  std::error_code ignored;
  fs::remove_all(root_ / std::to_string(stage_id), ignored);
}

std::string StageStore::md5_of(const fs::path& file, int64_t size, int64_t modified_ns) {
  const auto key = std::make_tuple(file.string(), size, modified_ns);
  {
    const std::lock_guard lock(mutex_);
    if (const auto known = digests_.find(key); known != digests_.end()) return known->second;
  }
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr);
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(1 << 16);
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    EVP_DigestUpdate(context.get(), buffer.data(), static_cast<size_t>(in.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_DigestFinal_ex(context.get(), digest.data(), &length);
  std::string out;
  static constexpr char kDigits[] = "0123456789abcdef";
  for (unsigned i = 0; i < length; ++i) {
    out += kDigits[digest[i] >> 4];
    out += kDigits[digest[i] & 15];
  }
  const std::lock_guard lock(mutex_);
  if (digests_.size() > kMostDigests) digests_.clear();
  digests_[key] = out;
  return out;
}

std::string rfc1123(int64_t us) {
  const std::time_t seconds = us / 1000000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[64];
  std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return buffer;
}

}  // namespace imednet::sandbox::snowflake
