#include "stage_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "json_field.h"
#include "sandbox/store/client_encryption.h"
#include "sandbox/store/digests.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

// The Go driver notes it of a stream, which it has read to its end before. [seen]
constexpr const char* kDigestOfNothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

// Made at the first start, so that what is on the stages can be read after a restart.
std::string kept_secret(const fs::path& file) {
  if (std::ifstream in(file, std::ios::binary); in) return {std::istreambuf_iterator<char>(in), {}};
  const std::string secret = store::random_bytes(32);
  std::ofstream out(file, std::ios::binary);
  ::chmod(file.c_str(), 0600);
  if (!(out << secret).flush()) throw std::runtime_error("cannot write " + file.string());
  return secret;
}

std::string text_of(const store::Metadata& metadata, const char* name) {
  const auto found = metadata.find(name);
  return found == metadata.end() ? std::string() : found->second;
}

// How each kind of store is told of the key. [seen; src]
bool is_encrypted(const store::Metadata& metadata) { return metadata.contains("x-amz-key") || metadata.contains("encryptiondata"); }

store::FileKey key_of(const store::Metadata& metadata) {
  if (metadata.contains("x-amz-key"))
    return {store::from_base64(text_of(metadata, "x-amz-key")), store::from_base64(text_of(metadata, "x-amz-iv"))};
  const Json told = Json::parse(text_of(metadata, "encryptiondata"), nullptr, false);
  const Json wrapped = told.is_object() ? told.value("WrappedContentKey", Json::object()) : Json();
  if (!wrapped.is_object()) throw std::invalid_argument("its encryptiondata is not of the form that clients write");
  return {store::from_base64(text_field(wrapped, "EncryptedKey")), store::from_base64(text_field(told, "ContentEncryptionIV"))};
}

std::string digest_of(const store::Metadata& metadata) {
  return metadata.contains("sfcdigest") ? text_of(metadata, "sfcdigest") : text_of(metadata, "sfc-digest");
}

SqlError unreadable(const std::string& path, const std::string& why) {
  return SqlError("100152", "22000", "Error reading the file '" + path + "': " + why);
}

std::string digest_of_file(const fs::path& file) {
  store::Digest digest("SHA256");
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(1 << 16);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())), in.gcount() > 0)
    digest.add({buffer.data(), static_cast<size_t>(in.gcount())});
  return store::base64(digest.finish());
}

}  // namespace

StageFiles::StageFiles(StageFilesOptions options, const SandboxClock& clock)
    : options_(std::move(options)), clock_(clock), directories_(options_.data_dir / "stages") {
  if (is_local()) return;
  secret_ = kept_secret(options_.data_dir / "stages.key");
  fs::remove_all(options_.data_dir / "opened");
  fs::create_directories(options_.data_dir / "opened");
  authority_ = std::make_unique<store::TestAuthority>();
  objects_ = std::make_unique<store::ObjectStore>(options_.data_dir / "objects", [this] { return clock_.now_us(); });
  grants_ = store::SignedGrants(store::hmac_sha256(secret_, "grants"));
  server_ = std::make_unique<store::StoreServer>(store_requests(), *authority_, 0, options_.orders);
}

void StageFiles::stop() {
  if (server_) server_->stop();
}

std::vector<StagedFile> StageFiles::list(const StageDefinition& stage, const std::string& prefix) {
  if (is_local()) return directories_.list(stage.id, prefix);
  const std::string root = stage_prefix(stage);
  std::vector<StagedFile> files;
  for (const store::Object& object : objects_->list(root + prefix))
    files.push_back({object.key.substr(root.size()), object.size, object.etag, object.modified_us});
  return files;
}

fs::path StageFiles::readable(const StageDefinition& stage, const std::string& path) {
  if (is_local()) return directories_.resolve(stage.id, path);
  const auto object = objects_->find(stage_prefix(stage) + path);
  if (!object) throw SqlError("091016", "22000", "Remote file '" + to_lower(stage.name.name) + "/" + path + "' was not found.");
  if (!is_encrypted(object->metadata)) return objects_->file_of(*object);
  return opened(stage, *object);
}

fs::path StageFiles::opened(const StageDefinition& stage, const store::Object& object) {
  const auto place = [this](int64_t number) { return options_.data_dir / "opened" / (std::to_string(number) + ".parquet"); };
  const std::lock_guard lock(mutex_);
  if (const auto known = opened_.find(object.key); known != opened_.end()) {
    if (known->second == object.number) return place(object.number);
    fs::remove(place(known->second));
  }
  const std::string path = object.key.substr(stage_prefix(stage).size());
  try {
    store::decrypt_file(master_key(stage), key_of(object.metadata), objects_->file_of(object), place(object.number));
  } catch (const std::invalid_argument& error) {
    throw unreadable(path, error.what());
  }
  const std::string digest = digest_of(object.metadata);
  if (!digest.empty() && digest != kDigestOfNothing && digest != digest_of_file(place(object.number))) {
    fs::remove(place(object.number));
    throw unreadable(path, "its digest is not the one that its client wrote");
  }
  opened_[object.key] = object.number;
  return place(object.number);
}

void StageFiles::remove(const StageDefinition& stage, const std::string& path) {
  if (is_local()) {
    directories_.remove(stage.id, path);
    return;
  }
  const std::string key = stage_prefix(stage) + path;
  objects_->remove(key);
  const std::lock_guard lock(mutex_);
  const auto known = opened_.find(key);
  if (known == opened_.end()) return;
  fs::remove(options_.data_dir / "opened" / (std::to_string(known->second) + ".parquet"));
  opened_.erase(known);
}

void StageFiles::remove_stage(const StageDefinition& stage) {
  if (is_local()) return directories_.remove_stage(stage.id);
  for (const StagedFile& file : list(stage, "")) remove(stage, file.path);
}

int64_t StageFiles::make_old(const std::string& path, int64_t seconds) {
  if (is_local()) return 0;
  int64_t count = 0;
  for (const store::Object& object : objects_->list("stages/")) {
    const size_t inside = object.key.find('/', object.key.find('/') + 1) + 1;
    if (object.key.substr(inside) != path) continue;
    count += objects_->set_modified(object.key, clock_.now_us() - seconds * 1000000);
  }
  return count;
}

void StageFiles::make_way(const StageDefinition& stage, const std::string& path) {
  if (!is_local()) return;
  directories_.remove(stage.id, path);
  directories_.remove(stage.id, path + ".gz");
}

std::string StageFiles::master_key(const StageDefinition& stage) const {
  return store::hmac_sha256(secret_, stage_prefix(stage)).substr(0, static_cast<size_t>(options_.key_bits / 8));
}

Json StageFiles::key_for(const StageDefinition& stage, const std::string& query_id, const ClientTraits& client) const {
  if (is_local() || stage.is_server_encrypted) return nullptr;
  const int64_t number = stage.id;
  return {{"queryStageMasterKey", store::base64(master_key(stage))},
          {"queryId", query_id},
          {"smkId", client.wants_text_ids ? Json(std::to_string(number)) : Json(number)}};
}

}  // namespace imednet::sandbox::snowflake
