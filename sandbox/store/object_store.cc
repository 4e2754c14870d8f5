#include "sandbox/store/object_store.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace imednet::sandbox::store {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kBytes = ".bytes";
constexpr const char* kFacts = ".json";

std::optional<std::int64_t> number_of(const fs::path& file) {
  const std::string name = file.stem().string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

// Keys and values may be any bytes, a JSON text may not.
void write_facts(const fs::path& file, const Object& object) {
  Json metadata = Json::object();
  for (const auto& [name, value] : object.metadata) metadata[name] = base64(value);
  const Json facts = {{"key", base64(object.key)},
                      {"size", object.size},
                      {"etag", object.etag},
                      {"modified_us", object.modified_us},
                      {"metadata", metadata}};
  const fs::path fresh = file.string() + ".new";
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << facts.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (!out.flush()) throw std::runtime_error("cannot write " + fresh.string());
  }
  fs::rename(fresh, file);
}

Object read_facts(const fs::path& file, std::int64_t number) {
  std::ifstream in(file, std::ios::binary);
  const Json facts = Json::parse(in);
  Object object{.key = from_base64(facts.at("key").get<std::string>()),
                .number = number,
                .size = facts.at("size").get<std::int64_t>(),
                .etag = facts.at("etag").get<std::string>(),
                .modified_us = facts.at("modified_us").get<std::int64_t>()};
  for (const auto& [name, value] : facts.at("metadata").items()) object.metadata[name] = from_base64(value.get<std::string>());
  return object;
}

}  // namespace

Upload::Upload(fs::path file) : file_(std::move(file)), out_(file_, std::ios::binary | std::ios::trunc) {
  if (!out_) throw std::runtime_error("cannot write " + file_.string());
}

Upload::~Upload() {
  std::error_code ignored;
  fs::remove(file_, ignored);  // a committed one has another name by now
}

bool Upload::add(std::string_view bytes) {
  md5_.add(bytes);
  size_ += static_cast<std::int64_t>(bytes.size());
  return static_cast<bool>(out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())));
}

const std::string& Upload::finish() {
  if (!digest_.empty()) return digest_;
  out_.close();
  if (!out_) throw std::runtime_error("cannot write " + file_.string());
  return digest_ = md5_.finish();
}

ObjectStore::ObjectStore(fs::path folder, Now now_us) : folder_(std::move(folder)), now_us_(std::move(now_us)) {
  fs::create_directories(folder_);
  load();
}

fs::path ObjectStore::path(std::int64_t number, const char* ending) const { return folder_ / (std::to_string(number) + ending); }

void ObjectStore::load() {
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const auto number = number_of(entry.path());
    if (number) next_ = std::max(next_, *number + 1);
    if (!number || entry.path().extension() != kFacts) {
      others.push_back(entry.path());
      continue;
    }
    Object object = read_facts(entry.path(), *number);
    const auto known = objects_.find(object.key);
    if (known != objects_.end() && known->second.number > object.number) continue;
    objects_[object.key] = std::move(object);
  }
  for (const fs::path& file : others) {
    const auto number = number_of(file);
    if (!number || !fs::exists(path(*number, kFacts))) fs::remove(file);
  }
}

std::optional<Object> ObjectStore::find(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Object> ObjectStore::list(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  std::vector<Object> found;
  for (auto at = objects_.lower_bound(prefix); at != objects_.end() && at->first.starts_with(prefix); ++at) found.push_back(at->second);
  return found;
}

fs::path ObjectStore::file_of(const Object& object) const { return path(object.number, kBytes); }

void ObjectStore::drop_files(const Object& object) const {
  std::error_code ignored;
  fs::remove(path(object.number, kFacts), ignored);
  fs::remove(path(object.number, kBytes), ignored);
}

bool ObjectStore::remove(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return false;
  drop_files(found->second);
  objects_.erase(found);
  return true;
}

void ObjectStore::remove_all(const std::string& prefix) {
  for (const Object& object : list(prefix)) remove(object.key);
}

bool ObjectStore::set_modified(const std::string& key, std::int64_t modified_us) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found == objects_.end()) return false;
  found->second.modified_us = modified_us;
  write_facts(path(found->second.number, kFacts), found->second);
  return true;
}

std::unique_ptr<Upload> ObjectStore::begin() {
  const std::lock_guard lock(mutex_);
  return std::make_unique<Upload>(folder_ / fmt::format("{}.upload", next_++));
}

Object ObjectStore::keep(const fs::path& file, Object object) {
  const std::lock_guard lock(mutex_);
  object.number = next_++;
  object.modified_us = now_us_();
  fs::rename(file, path(object.number, kBytes));
  write_facts(path(object.number, kFacts), object);  // from here on it is there, also after a restart
  const auto former = objects_.find(object.key);
  if (former != objects_.end()) drop_files(former->second);
  objects_[object.key] = object;
  return object;
}

Object ObjectStore::commit(Upload& upload, const std::string& key, const Metadata& metadata) {
  const std::string& digest = upload.finish();
  return keep(upload.file_, {.key = key, .size = upload.size(), .etag = hex(digest), .metadata = metadata});
}

std::string ObjectStore::begin_parts(const std::string& key, const Metadata& metadata) {
  const std::string id = hex(random_bytes(16));
  const std::lock_guard lock(mutex_);
  uploads_[id] = {key, metadata};
  return id;
}

bool ObjectStore::add_part(const std::string& id, int number, std::unique_ptr<Upload> part) {
  part->finish();
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  if (found == uploads_.end()) return false;
  found->second.parts[number] = std::move(part);
  return true;
}

std::optional<Object> ObjectStore::complete(const std::string& id, const std::vector<std::pair<int, std::string>>& parts,
                                            const Metadata* metadata) {
  Parts upload;
  {
    const std::lock_guard lock(mutex_);
    const auto found = uploads_.find(id);
    if (found == uploads_.end() || parts.empty()) return std::nullopt;
    for (const auto& [number, digest] : parts) {
      const auto part = found->second.parts.find(number);
      if (part == found->second.parts.end() || hex(part->second->finish()) != digest) return std::nullopt;
    }
    upload = std::move(found->second);
    uploads_.erase(found);
  }
  const auto whole = begin();
  Digest of_parts("MD5");
  std::vector<char> buffer(1 << 20);
  for (const auto& [number, digest] : parts) {
    Upload& part = *upload.parts.at(number);
    of_parts.add(part.finish());
    std::ifstream in(part.file_, std::ios::binary);
    while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0) {
      if (!whole->add({buffer.data(), static_cast<std::size_t>(in.gcount())}))
        throw std::runtime_error("cannot write " + whole->file_.string());
    }
  }
  whole->finish();
  return keep(whole->file_, {.key = upload.key,
                             .size = whole->size(),
                             .etag = fmt::format("{}-{}", hex(of_parts.finish()), parts.size()),
                             .metadata = metadata == nullptr ? upload.metadata : *metadata});
}

bool ObjectStore::abort_parts(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return uploads_.erase(id) > 0;
}

}  // namespace imednet::sandbox::store
