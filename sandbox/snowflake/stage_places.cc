// Where clients are sent with their files, in each kind of store.
#include <fmt/format.h>

#include <chrono>

#include "sandbox/store/azure_requests.h"
#include "sandbox/store/digests.h"
#include "sandbox/store/gcs_requests.h"
#include "sandbox/store/s3_requests.h"
#include "stage_files.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

// One client puts the bucket, another the account before the host whatever the host is: 127 and 0.0.1 then give this machine. [seen]
constexpr const char* kBucket = "127";
constexpr const char* kContainer = "sandbox-stages";  // Azure's, and Google's bucket
constexpr const char* kRestOfHost = "0.0.1";
constexpr const char* kHost = "127.0.0.1";
constexpr const char* kRegion = "us-east-1";
constexpr int64_t kCredentialsSeconds = 3600;
constexpr size_t kMostCredentials = 10000;

// Credentials are judged by the true time: that of a request's signature is the client's own.
int64_t true_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string folder_of(const std::string& path) { return path.empty() || path.back() == '/' ? path : path + "/"; }

std::string at_port(const char* host, int port) { return host + (":" + std::to_string(port)); }

// What all kinds say; the rest is put over it.
Json place(const char* kind, const std::string& location, const std::string& path, bool is_client_encrypted) {
  return {{"locationType", kind},
          {"location", location},
          {"path", path},
          {"region", ""},
          {"storageAccount", nullptr},
          {"isClientSideEncrypted", is_client_encrypted},
          {"presignedUrl", nullptr},
          {"useS3RegionalUrl", false},
          {"useRegionalUrl", false},
          {"useVirtualUrl", false},
          {"volumeHash", nullptr},
          {"endPoint", nullptr},
          {"creds", Json::object()}};
}

}  // namespace

std::unique_ptr<store::StoreRequests> StageFiles::store_requests() {
  if (options_.kind == "azure")
    return std::make_unique<store::AzureRequests>(
        *objects_,
        store::AzureOptions{.container = kContainer, .grants = &grants_, .now_us = true_now_us, .largest_object = options_.largest_object});
  if (options_.kind.starts_with("gcs"))
    return std::make_unique<store::GcsRequests>(
        *objects_,
        store::GcsOptions{.bucket = kContainer, .grants = &grants_, .now_us = true_now_us, .largest_object = options_.largest_object});
  return std::make_unique<store::S3Requests>(
      *objects_, store::S3Options{.bucket = kBucket,
                                  .find_credentials = [this](const std::string& id) { return find_credentials(id); },
                                  .now_us = true_now_us,
                                  .largest_object = options_.largest_object});
}

Json StageFiles::place_of(const StageDefinition& stage, const std::string& path, const ClientTraits& client, const std::string& file) {
  if (is_local()) return place("LOCAL_FS", directories_.upload_directory(stage.id, path).string() + "/", path, false);
  const std::string inside = stage_prefix(stage) + folder_of(path);
  if (options_.kind == "azure") return azure_place(stage, inside);
  if (options_.kind.starts_with("gcs")) return gcs_place(stage, inside, file);
  return s3_place(stage, inside, client);
}

Json StageFiles::s3_place(const StageDefinition& stage, const std::string& inside, const ClientTraits& client) {
  const store::S3Credentials credentials = new_credentials();
  Json out = place("S3", std::string(kBucket) + "/" + inside, inside, !stage.is_server_encrypted);
  out["region"] = kRegion;
  out["endPoint"] = at_port(client.wants_bucket_in_host ? kRestOfHost : kHost, server_->port());
  out["creds"] = {{"AWS_KEY_ID", credentials.access_key_id},
                  {"AWS_SECRET_KEY", credentials.secret_key},
                  {"AWS_TOKEN", credentials.session_token},
                  {"AWS_ID", credentials.access_key_id},
                  {"AWS_KEY", credentials.secret_key}};
  return out;
}

// A token, or no token and the address of the one file. [src]
Json StageFiles::gcs_place(const StageDefinition& stage, const std::string& inside, const std::string& file) {
  const Signing with = signing();
  Json out = place("GCS", std::string(kContainer) + "/" + inside, inside, !stage.is_server_encrypted);
  out["endPoint"] = at_port(kHost, server_->port());
  if (options_.kind == "gcs")
    out["creds"] = {{"GCS_ACCESS_TOKEN", with.grants.token(with.expires_us)}};
  else if (!file.empty())
    out["presignedUrl"] = signed_address(with, "PUT", inside + file);
  return out;
}

// The Go driver makes its address of `path`, which must be the container. [seen]
Json StageFiles::azure_place(const StageDefinition& stage, const std::string& inside) {
  const Signing with = signing();
  Json out = place("AZURE", std::string(kContainer) + "/" + inside, kContainer, !stage.is_server_encrypted);
  out["storageAccount"] = kBucket;
  out["endPoint"] = at_port(kRestOfHost, server_->port());
  out["creds"] = {{"AZURE_SAS_TOKEN", store::azure_sas(with.grants, kContainer, with.expires_us)}};
  return out;
}

// The Go driver fetches nothing from a directory (all its downloads go through the path for large files), so a client of a local stage
// gets one address a file, as from a stage in Google's storage. [seen]
Json StageFiles::source_of(const StageDefinition& stage, const ClientTraits& client) {
  if (is_local()) return place("GCS", stage_prefix(stage), stage_prefix(stage), false);
  return place_of(stage, "", client, "");
}

Json StageFiles::addresses_of(const StageDefinition& stage, const std::vector<std::string>& paths) {
  Json out = Json::array();
  if (options_.kind != "gcs-presigned") return out;
  const Signing with = signing();
  for (const std::string& path : paths) out.push_back(signed_address(with, "GET", stage_prefix(stage) + path));
  return out;
}

std::string StageFiles::signed_address(const Signing& with, const std::string& method, const std::string& key) const {
  return "https://" + at_port(kHost, server_->port()) + "/" + kContainer + "/" + store::percent_encoded(key, true) +
         store::gcs_signed_query(with.grants, method, key, with.expires_us);
}

StageFiles::Signing StageFiles::signing() {
  const std::string spoiled = take_spoiled();
  if (spoiled == "expired") return {grants_, true_now_us() - 1};
  const int64_t expires_us = true_now_us() + kCredentialsSeconds * 1000000;
  return {spoiled == "unknown" ? store::SignedGrants(store::random_bytes(32)) : grants_, expires_us};
}

store::S3Credentials StageFiles::new_credentials() {
  const auto made_up = [](size_t bytes) { return store::hex(store::random_bytes(bytes)); };
  const std::string spoiled = take_spoiled();
  store::S3Credentials fresh{"SANDBOX" + to_upper(made_up(6)), made_up(20), made_up(32), true_now_us() + kCredentialsSeconds * 1000000};
  if (!spoiled.empty()) fresh.expires_us = true_now_us() - 1;
  if (spoiled == "unknown") return fresh;
  const std::lock_guard lock(mutex_);
  std::erase_if(credentials_,
                [now = true_now_us() - kCredentialsSeconds * 1000000](const auto& entry) { return entry.second.expires_us < now; });
  if (credentials_.size() >= kMostCredentials) credentials_.clear();
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

// How the credentials that are made now are no good; "": they are.
std::string StageFiles::take_spoiled() {
  const std::lock_guard lock(mutex_);
  if (spoiled_times_ == 0) return "";
  --spoiled_times_;
  return spoiled_how_;
}

}  // namespace imednet::sandbox::snowflake
