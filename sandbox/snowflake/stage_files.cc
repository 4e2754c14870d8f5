#include "stage_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "sandbox/store/client_encryption.h"
#include "sandbox/store/digests.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr const char* kBucket = "127";
constexpr const char* kRegion = "us-east-1";
constexpr int64_t kCredentialsSeconds = 3600;
constexpr size_t kMostCredentials = 10000;

// Credentials are judged by the true time: that of a request's signature is the client's own.
int64_t true_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Made at the first start, so that what is on the stages can be read after a restart.
std::string kept_secret(const fs::path& file) {
  if (std::ifstream in(file, std::ios::binary); in) return {std::istreambuf_iterator<char>(in), {}};
  const std::string secret = store::random_bytes(32);
  std::ofstream out(file, std::ios::binary);
  ::chmod(file.c_str(), 0600);
  if (!(out << secret).flush()) throw std::runtime_error("cannot write " + file.string());
  return secret;
}

std::string prefix_of(const StageDefinition& stage) { return "stages/" + std::to_string(stage.id) + "/"; }

std::string folder_of(const std::string& path) { return path.empty() || path.back() == '/' ? path : path + "/"; }

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
  store::S3ServerOptions server{
      .bucket = kBucket, .find_credentials = [this](const std::string& id) { return find_credentials(id); }, .now_us = true_now_us};
  server_ = std::make_unique<store::S3Server>(*objects_, *authority_, server);
}

void StageFiles::stop() {
  if (server_) server_->stop();
}

std::vector<StagedFile> StageFiles::list(const StageDefinition& stage, const std::string& prefix) {
  if (is_local()) return directories_.list(stage.id, prefix);
  const std::string root = prefix_of(stage);
  std::vector<StagedFile> files;
  for (const store::Object& object : objects_->list(root + prefix))
    files.push_back({object.key.substr(root.size()), object.size, object.etag, object.modified_us});
  return files;
}

fs::path StageFiles::readable(const StageDefinition& stage, const std::string& path) {
  if (is_local()) return directories_.resolve(stage.id, path);
  const auto object = objects_->find(prefix_of(stage) + path);
  if (!object) throw SqlError("091016", "22000", "Remote file '" + to_lower(stage.name.name) + "/" + path + "' was not found.");
  if (!object->metadata.contains("x-amz-key")) return objects_->file_of(*object);
  return opened(stage, *object);
}

fs::path StageFiles::opened(const StageDefinition& stage, const store::Object& object) {
  const auto place = [this](int64_t number) { return options_.data_dir / "opened" / (std::to_string(number) + ".parquet"); };
  const std::lock_guard lock(mutex_);
  if (const auto known = opened_.find(object.key); known != opened_.end()) {
    if (known->second == object.number) return place(object.number);
    fs::remove(place(known->second));
  }
  const auto text = [&](const char* name) {
    const auto found = object.metadata.find(name);
    return found == object.metadata.end() ? std::string() : found->second;
  };
  const std::string path = object.key.substr(prefix_of(stage).size());
  try {
    store::decrypt_file(master_key(stage), {store::from_base64(text("x-amz-key")), store::from_base64(text("x-amz-iv"))},
                        objects_->file_of(object), place(object.number));
  } catch (const std::invalid_argument& error) {
    throw unreadable(path, error.what());
  }
  const std::string digest = text("sfc-digest");
  if (!digest.empty() && digest != digest_of_file(place(object.number))) {
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
  const std::string key = prefix_of(stage) + path;
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
  return store::hmac_sha256(secret_, prefix_of(stage)).substr(0, static_cast<size_t>(options_.key_bits / 8));
}

Json StageFiles::key_for(const StageDefinition& stage, const std::string& query_id, const ClientTraits& client) const {
  if (is_local() || stage.is_server_encrypted) return nullptr;
  const int64_t number = stage.id;
  return {{"queryStageMasterKey", store::base64(master_key(stage))},
          {"queryId", query_id},
          {"smkId", client.wants_text_ids ? Json(std::to_string(number)) : Json(number)}};
}

Json StageFiles::place_of(const StageDefinition& stage, const std::string& path, const ClientTraits& client) {
  if (is_local()) {
    return {{"locationType", "LOCAL_FS"},
            {"location", directories_.upload_directory(stage.id, path).string() + "/"},
            {"path", path},
            {"region", ""},
            {"storageAccount", nullptr},
            {"isClientSideEncrypted", false},
            {"presignedUrl", nullptr},
            {"creds", Json::object()},
            {"endPoint", nullptr}};
  }
  const store::S3Credentials credentials = new_credentials();
  const std::string inside = prefix_of(stage) + folder_of(path);
  // One client puts the bucket before the host whatever the host is: 127 and 0.0.1 then give this machine. [seen]
  const std::string host = client.wants_bucket_in_host ? "0.0.1:" : "127.0.0.1:";
  return {{"locationType", "S3"},
          {"location", std::string(kBucket) + "/" + inside},
          {"path", inside},
          {"region", kRegion},
          {"storageAccount", nullptr},
          {"isClientSideEncrypted", !stage.is_server_encrypted},
          {"presignedUrl", nullptr},
          {"useS3RegionalUrl", false},
          {"useRegionalUrl", false},
          {"useVirtualUrl", false},
          {"volumeHash", nullptr},
          {"endPoint", host + std::to_string(server_->port())},
          {"creds",
           {{"AWS_KEY_ID", credentials.access_key_id},
            {"AWS_SECRET_KEY", credentials.secret_key},
            {"AWS_TOKEN", credentials.session_token},
            {"AWS_ID", credentials.access_key_id},
            {"AWS_KEY", credentials.secret_key}}}};
}

// The Go driver fetches nothing from a directory (all its downloads go through the path for large files), so a client of a local stage
// gets one address a file, as from a stage in Google's storage. [seen]
Json StageFiles::source_of(const StageDefinition& stage, const ClientTraits& client) {
  if (!is_local()) return place_of(stage, "", client);
  return {{"locationType", "GCS"},     {"location", prefix_of(stage)},   {"path", prefix_of(stage)}, {"region", ""},
          {"storageAccount", nullptr}, {"isClientSideEncrypted", false}, {"presignedUrl", nullptr},  {"creds", Json::object()},
          {"endPoint", nullptr}};
}

store::S3Credentials StageFiles::new_credentials() {
  const auto made_up = [](size_t bytes) { return store::hex(store::random_bytes(bytes)); };
  store::S3Credentials fresh{"SANDBOX" + to_upper(made_up(6)), made_up(20), made_up(32), true_now_us() + kCredentialsSeconds * 1000000};
  const std::lock_guard lock(mutex_);
  std::erase_if(credentials_,
                [now = true_now_us() - kCredentialsSeconds * 1000000](const auto& entry) { return entry.second.expires_us < now; });
  if (credentials_.size() >= kMostCredentials) credentials_.clear();
  if (spoiled_times_ > 0) {
    --spoiled_times_;
    fresh.expires_us = true_now_us() - 1;
    if (spoiled_how_ == "unknown") return fresh;
  }
  return credentials_[fresh.access_key_id] = fresh;
}

std::optional<store::S3Credentials> StageFiles::find_credentials(const std::string& access_key_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = credentials_.find(access_key_id);
  return found == credentials_.end() ? std::nullopt : std::optional(found->second);
}

void StageFiles::spoil_credentials(const std::string& how, int64_t times) {
  const std::lock_guard lock(mutex_);
  spoiled_how_ = how;
  spoiled_times_ = times;
}

}  // namespace imednet::sandbox::snowflake
