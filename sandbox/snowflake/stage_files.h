// stage_files.h: the files of all stages, and what a client is told to reach them.
//
// Kinds:   s3, gcs, azure  an object store over TLS on this machine, as the three clouds' stores speak; clients encrypt what they upload,
//                          unless the stage was made with SNOWFLAKE_SSE. gcs hands out a token, gcs-presigned one address a file in its
//                          place.
//          local           a directory that clients copy files into. Not what the service does, and one of the clients refuses it.
// Rules:   a stage's master key has 128 or 256 bits [seen: CLIENT_ENCRYPTION_KEY_SIZE]; each PUT and GET hands out credentials of the
//          store for an hour. What an object's key opens must have the digest that its client wrote beside it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog.h"
#include "sandbox/store/object_store.h"
#include "sandbox/store/s3_signature.h"
#include "sandbox/store/signed_grants.h"
#include "sandbox/store/store_server.h"
#include "sandbox_clock.h"
#include "session.h"
#include "stage_store.h"

namespace imednet::sandbox::snowflake {

struct StageFilesOptions {
  std::filesystem::path data_dir;
  std::string kind = "s3";                              // or gcs, gcs-presigned, azure, local
  int key_bits = 128;                                   // or 256
  std::int64_t largest_object = store::kLargestObject;  // bytes, as they inflate
  store::RequestOrders* orders = nullptr;               // faults of the store
};

// Of the keys of a stage's objects.
inline std::string stage_prefix(const StageDefinition& stage) { return "stages/" + std::to_string(stage.id) + "/"; }

class StageFiles {
 public:
  StageFiles(StageFilesOptions options, const SandboxClock& clock);

  bool is_local() const { return options_.kind == "local"; }
  std::vector<StagedFile> list(const StageDefinition& stage, const std::string& prefix);
  // The file as it was before its client encrypted it. Throws SqlError when it is not there, or not what its client wrote.
  std::filesystem::path readable(const StageDefinition& stage, const std::string& path);
  void remove(const StageDefinition& stage, const std::string& path);
  void remove_stage(const StageDefinition& stage);
  // Order of a test: files of this path, on whichever stage, were written that long before now. How many there are.
  std::int64_t make_old(const std::string& path, std::int64_t seconds);

  // stageInfo: where this client stores what it puts below that path. An address that is signed is that of the file of this name.
  nlohmann::json place_of(const StageDefinition& stage, const std::string& path, const ClientTraits& client, const std::string& file);
  // The same for what a client fetches, all of the stage; and the signed address of each file, where there are such.
  nlohmann::json source_of(const StageDefinition& stage, const ClientTraits& client);
  nlohmann::json addresses_of(const StageDefinition& stage, const std::vector<std::string>& paths);
  // encryptionMaterial of one file; null where nothing is encrypted.
  nlohmann::json key_for(const StageDefinition& stage, const std::string& query_id, const ClientTraits& client) const;
  // Before a client copies it into a directory: the drivers write over an old file without cutting its tail. [seen]
  void make_way(const StageDefinition& stage, const std::string& path);

  // The certificate of who signed the store's; empty for local.
  std::string authority_pem() const { return authority_ ? authority_->pem() : ""; }
  // Orders of a test: the credentials of the next so many statements are of this kind; "expired" or "unknown".
  void spoil_credentials(const std::string& how, std::int64_t times);
  void stop();

 private:
  std::string master_key(const StageDefinition& stage) const;
  std::unique_ptr<store::StoreRequests> store_requests();
  nlohmann::json s3_place(const StageDefinition& stage, const std::string& inside, const ClientTraits& client);
  nlohmann::json gcs_place(const StageDefinition& stage, const std::string& inside, const std::string& file);
  nlohmann::json azure_place(const StageDefinition& stage, const std::string& inside);
  store::S3Credentials new_credentials();
  std::string take_spoiled();
  // What a token or an address of now is signed with, and until when it is good.
  struct Signing {
    store::SignedGrants grants;
    int64_t expires_us = 0;
  };
  Signing signing();
  std::string signed_address(const Signing& with, const std::string& method, const std::string& key) const;
  std::optional<store::S3Credentials> find_credentials(const std::string& access_key_id) const;
  std::filesystem::path opened(const StageDefinition& stage, const store::Object& object);

  StageFilesOptions options_;
  const SandboxClock& clock_;
  StageStore directories_;
  std::string secret_;
  store::SignedGrants grants_{""};
  std::unique_ptr<store::TestAuthority> authority_;
  std::unique_ptr<store::ObjectStore> objects_;
  mutable std::mutex mutex_;
  std::map<std::string, store::S3Credentials> credentials_;
  std::map<std::string, std::int64_t> opened_;  // key -> the object's number that was decrypted
  std::string spoiled_how_;
  std::int64_t spoiled_times_ = 0;
  std::unique_ptr<store::StoreServer> server_;  // last: it uses all of the above
};

}  // namespace imednet::sandbox::snowflake
