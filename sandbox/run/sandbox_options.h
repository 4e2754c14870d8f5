#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/edc/study_store.h"
#include "sandbox/store/object_store.h"

namespace imednet::sandbox {

// What was typed, read but not acted on.
struct SandboxOptions {
  bool edc = true;
  bool snowflake = true;
  std::vector<std::filesystem::path> studies;  // none: the sample study
  std::vector<edc::SyntheticStudy> synthetic;
  std::filesystem::path data_dir;  // empty: a temporary one
  bool allow_faults = false;
  std::string public_key, access_token, oauth_token, passcode;  // further ways for the user to sign in
  std::string stage_kind = "s3";                                // or gcs, gcs-presigned, azure, local
  int stage_key_bits = 128;
  std::int64_t stage_object_max = store::kLargestObject;  // bytes, as they inflate
  std::string result_format = "arrow";                    // as on the service; or "json"
  int answer_within_seconds = 45;                         // a slower statement is polled for
  int edc_port = 0;
  int snowflake_port = 0;
  std::chrono::milliseconds latency{0};
};

}  // namespace imednet::sandbox
