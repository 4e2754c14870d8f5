// stage_files.h: the files of all stages, and what a client is told to reach them.
//
// Kinds:   s3     an object store over TLS on this machine; clients encrypt what they upload, unless the stage was made with SNOWFLAKE_SSE.
//          local  a directory that clients copy files into. Not what the service does, and one of the clients refuses it.
// Rules:   a stage's master key has 128 or 256 bits [seen: CLIENT_ENCRYPTION_KEY_SIZE]; each PUT and GET hands out credentials of the
//          store for an hour. What an object's key opens must have the digest that its client wrote beside it.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "catalog.h"
#include "sandbox/store/s3_server.h"
#include "sandbox_clock.h"
#include "session.h"
#include "stage_store.h"

namespace imednet::sandbox::snowflake {

struct StageFilesOptions {
  std::filesystem::path data_dir;
  std::string kind = "s3";  // or "local"
  int key_bits = 128;       // or 256
};

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

  // stageInfo: where this client stores what it puts below that path, or finds it.
  nlohmann::json place_of(const StageDefinition& stage, const std::string& path, const ClientTraits& client);
  // The same for what a client fetches, all of the stage.
  nlohmann::json source_of(const StageDefinition& stage, const ClientTraits& client);
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
  store::S3Credentials new_credentials();
  std::optional<store::S3Credentials> find_credentials(const std::string& access_key_id) const;
  std::filesystem::path opened(const StageDefinition& stage, const store::Object& object);

  StageFilesOptions options_;
  const SandboxClock& clock_;
  StageStore directories_;
  std::string secret_;
  std::unique_ptr<store::TestAuthority> authority_;
  std::unique_ptr<store::ObjectStore> objects_;
  mutable std::mutex mutex_;
  std::map<std::string, store::S3Credentials> credentials_;
  std::map<std::string, std::int64_t> opened_;  // key -> the object's number that was decrypted
  std::string spoiled_how_;
  std::int64_t spoiled_times_ = 0;
  std::unique_ptr<store::S3Server> server_;  // last: it uses all of the above
};

}  // namespace imednet::sandbox::snowflake
