#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/edc/study_store.h"

namespace imednet::sandbox::edc {

struct EdcServerOptions {
  std::vector<std::filesystem::path> studies;  // folders with studies.ndjson, records.ndjson.gz and so on
  std::vector<SyntheticStudy> synthetic;       // made from the records of the first study
  // Made up; no real iMednet key has this form.
  std::string api_key = "sandbox-api-key";
  std::string security_key = "sandbox-security-key";
  bool allow_faults = false;  // opens /sandbox/… to whoever reaches the port
  std::chrono::milliseconds latency{0};
  std::string bind_host = "127.0.0.1";
  int port = 0;  // chosen by the system
};

// A sample iMednet API over data files. It serves from the constructor on until stop() or the destructor.
class EdcServer {
 public:
  // Throws std::runtime_error for a study that cannot be loaded or an address that cannot be had.
  explicit EdcServer(EdcServerOptions options);
  ~EdcServer();
  EdcServer(const EdcServer&) = delete;
  EdcServer& operator=(const EdcServer&) = delete;

  int port() const;
  std::string base_url() const;
  void stop();

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace imednet::sandbox::edc
