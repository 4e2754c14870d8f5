#include "e2e_cpp/sink_case.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <map>

namespace imednet::e2e {

void SinkCase::SetUp() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  prefix = std::string(info->test_suite_name()) + "-" + info->name();
  table = std::string(info->test_suite_name()) + "_" + info->name();
  std::transform(table.begin(), table.end(), table.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (std::string* name : {&prefix, &table}) std::ranges::replace(*name, '/', '_');  // of a suite with parameters
  static std::map<std::string, int> runs;
  if (const int run = ++runs[prefix]; run > 1) {  // a repetition has a table of its own
    prefix += "-" + std::to_string(run);
    table += "_" + std::to_string(run);
  }
  folder = temporary_root() / ("case-" + prefix);
  std::filesystem::create_directory(folder);
}

void SinkCase::TearDown() {
  sandbox().clear_orders();
  std::filesystem::remove_all(folder);
  EXPECT_TRUE(temporary_folders().empty()) << "a temporary folder outlived its sink: " << temporary_folders().front();
}

integrations::SnowflakeSinkConfig sandbox_settings(const std::string& table, const std::string& stage_prefix) {
  integrations::SnowflakeSinkConfig config{.account = sandbox().text("account"),
                                           .user = sandbox().text("user"),
                                           .password = sandbox().text("password"),
                                           .database = sandbox().text("database"),
                                           .schema = sandbox().text("schema"),
                                           .warehouse = sandbox().text("warehouse"),
                                           .stage = sandbox().text("stage"),
                                           .table = table,
                                           .stage_prefix = stage_prefix,
                                           .max_retries = 2,
                                           .retry_backoff = std::chrono::milliseconds(1)};
  config.host = sandbox().text("host");
  config.port = sandbox().port();
  config.protocol = "http";
  config.ocsp = false;
  return config;
}

std::vector<Record> SinkCase::records(int count, std::int64_t first, const std::string& study) {
  std::vector<Record> all;
  for (int i = 0; i < count; ++i) {
    Record record;
    record.study_key = study;
    record.record_id = first + i;
    record.form_key = i % 2 == 0 ? "DM" : "VS";
    record.site_id = 10 + i % 3;
    record.deleted = i % 4 == 0;
    record.date_created = "2026-01-15 12:00:00";
    record.subject_key = "01-" + std::to_string(701 + i);
    record.keywords = i % 5 == 0 ? OptionalText() : OptionalText("[]");
    record.record_data = R"({"it.age":")" + std::to_string(20 + i) + R"(","it.note":"it's \\ \"odd\""})";
    all.push_back(std::move(record));
  }
  return all;
}

std::int64_t SinkCase::rows_in_table() const {
  try {
    return std::stoll(sandbox().value("SELECT COUNT(*) FROM " + table));
  } catch (const std::runtime_error& error) {
    return std::string_view(error.what()).starts_with("002003") ? -1 : throw;
  }
}

std::vector<std::pair<std::string, std::int64_t>> SinkCase::on_stage() const {
  std::vector<std::pair<std::string, std::int64_t>> files;
  for (const Row& row : sandbox().sql("LIST @MY_STAGE/" + prefix + "/")) {
    const std::string name = row.at(0).value_or("");
    files.emplace_back(name.substr(name.find('/') + 1), std::stoll(row.at(1).value_or("-1")));
  }
  return files;
}

std::vector<std::filesystem::path> SinkCase::temporary_folders() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(temporary_root())) {
    if (entry.path().filename().string().starts_with("imednet-")) found.push_back(entry.path());
  }
  return found;
}

std::string SinkCase::bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

unsigned SinkCase::mode_of(const std::filesystem::path& path) {
  struct stat facts {};
  return lstat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777u : 0u;
}

}  // namespace imednet::e2e
