#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "sandbox/store/object_store.h"

namespace imednet::sandbox::snowflake {

struct SnowflakeServerOptions {
  std::filesystem::path data_dir;        // survives a restart: tables, stage files, load history
  std::filesystem::path duckdb_library;  // path of libduckdb.so
  // The sign-in that is accepted, and what is made at start when missing.
  std::string account = "myorg-myaccount";
  std::string user = "loader";
  std::string password;
  std::string passcode;      // empty: no second factor is asked for
  std::string public_key;    // of the user's key pair: PEM; empty: none until ALTER USER … SET RSA_PUBLIC_KEY
  std::string access_token;  // a programmatic access token; good for 15 days after the start
  std::string oauth_token;   // good for 10 minutes after the start
  std::string database = "IMEDNET_DB";
  std::string schema = "PUBLIC";
  std::string warehouse = "COMPUTE_WH";
  std::string stage = "MY_STAGE";
  std::string stage_kind = "s3";                          // or gcs, gcs-presigned, azure, local (stage_files.h)
  int stage_key_bits = 128;                               // or 256
  std::int64_t stage_object_max = store::kLargestObject;  // bytes, as they inflate
  std::string result_format = "json";                     // or "arrow": what sign-in tells the clients' kinds that read it
  // A statement that takes longer is answered 333333, and then polled for. The service's time [seen].
  std::chrono::milliseconds answer_within{45'000};
  bool allow_faults = false;  // opens /sandbox/...: test clock, session expiry, statement orders, what was seen
  std::string bind_host = "127.0.0.1";
  int port = 0;  // 0: chosen by the system
};

// A local server that speaks enough of Snowflake's client protocol and SQL for a loader.
// Serves from construction until stop() or destruction.
class SnowflakeServer {
 public:
  explicit SnowflakeServer(SnowflakeServerOptions options);
  ~SnowflakeServer();
  SnowflakeServer(const SnowflakeServer&) = delete;
  SnowflakeServer& operator=(const SnowflakeServer&) = delete;

  int port() const;
  std::string host() const;
  // PEM of the certificates that a client must trust to reach the stages; empty when none.
  std::string authority_pem() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace imednet::sandbox::snowflake
