// sink_case.h: one test of the sink: its own table, stage prefix and folder on the sandbox all tests share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "e2e_cpp/sandbox_process.h"
#include "imednet/integrations/warehouse.h"

namespace imednet::e2e {

// Started before the first test by main.cc.
SandboxProcess& sandbox();
// $TMPDIR of this program: what the export leaves there can be seen.
std::filesystem::path temporary_root();
// Signals whose handler was another one after the driver had been loaded; and whether the driver's own runtime was seen.
struct DriverLoading {
  std::vector<int> changed_signals;
  bool runtime_took_its_own = false;
};
const DriverLoading& driver_loading();

// Settings that work in the sandbox.
integrations::SnowflakeSinkConfig sandbox_settings(const std::string& table, const std::string& stage_prefix);

class SinkCase : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Settings that work; the table's name is the test's.
  integrations::SnowflakeSinkConfig config() const { return sandbox_settings(table, prefix); }
  // `count` records from `first` on, with answers, of the study.
  static std::vector<Record> records(int count, std::int64_t first = 1, const std::string& study = "MY_STUDY");
  // The rows in this test's table; -1: there is none.
  std::int64_t rows_in_table() const;
  // Files of this test's prefix on the stage: path below the stage and size.
  std::vector<std::pair<std::string, std::int64_t>> on_stage() const;
  static std::vector<std::filesystem::path> temporary_folders();
  // What a file takes on the stage: clients encrypt in blocks of 16 bytes, and always pad.
  static std::int64_t encrypted_size(std::int64_t bytes) { return 16 * (bytes / 16 + 1); }
  static std::string bytes_of(const std::filesystem::path& path);
  static unsigned mode_of(const std::filesystem::path& path);

  std::string table, prefix;
  std::filesystem::path folder;
};

// The error of type `Error` that `call` throws; the test fails when it is another one or none.
template <class Error, class Call>
std::optional<Error> thrown(Call&& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another error: " << error.what();
  }
  return std::nullopt;
}

}  // namespace imednet::e2e
