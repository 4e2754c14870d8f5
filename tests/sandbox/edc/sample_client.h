#pragma once

#include <gtest/gtest.h>
#include <httplib.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sandbox/edc/edc_server.h"

namespace imednet::sandbox::edc {

using Json = nlohmann::json;

inline httplib::Headers good_headers() {
  return {{"x-api-key", "sandbox-api-key"},
          {"x-imn-security-key", "sandbox-security-key"},
          {"Accept", "application/json"},
          {"Content-Type", "application/json"}};
}

// A client with keys, for one server.
class SampleClient {
 public:
  explicit SampleClient(const EdcServer& server) : http_("127.0.0.1", server.port()) {
    http_.set_keep_alive(true);
    http_.set_tcp_nodelay(true);
  }

  httplib::Client& http() { return http_; }

  httplib::Result get(const std::string& target, const httplib::Headers& headers = good_headers()) { return http_.Get(target, headers); }

  // The answer of a list endpoint; `query` stands as it would be typed, here it is escaped.
  httplib::Result list(const std::string& path, const httplib::Params& query = {}) {
    std::string target = "/api/v1/edc/studies" + path;
    if (!query.empty()) {
      target.append(1, '?').append(httplib::detail::params_to_query_str(query));
    }
    return get(target);
  }

  Json list_json(const std::string& path, const httplib::Params& query = {}) {
    const auto answer = list(path, query);
    EXPECT_TRUE(answer) << path;
    return answer ? Json::parse(answer->body) : Json();
  }

  std::size_t total(const std::string& path, const httplib::Params& query) {
    return list_json(path, query).at("pagination").at("totalElements").get<std::size_t>();
  }

  Json control(const std::string& body, const std::string& path = "/sandbox/orders") {
    const auto answer = http_.Post(path, body, "application/json");
    EXPECT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    return Json::parse(answer->body);
  }

  Json orders() { return Json::parse(http_.Get("/sandbox/orders")->body); }

 private:
  httplib::Client http_;
};

inline std::filesystem::path cdisc_folder() { return std::filesystem::path(IMEDNET_SAMPLE_DATA_DIR) / "cdiscpilot01"; }

// Tests that only read the sample study, from one server for all of a suite.
class OnSampleStudy : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    EdcServerOptions options;
    options.studies.push_back(cdisc_folder());
    server_ = new EdcServer(options);
  }
  static void TearDownTestSuite() {
    delete server_;
    server_ = nullptr;
  }

  static inline EdcServer* server_ = nullptr;
  SampleClient client_{*server_};
};

// A folder with a study of a few records, for tests that change or break things.
class SmallStudy {
 public:
  static constexpr int kRecords = 10;
  static constexpr int kFirstId = 101;

  explicit SmallStudy(const std::vector<std::string>& more_records = {}) {
    std::string name = (std::filesystem::temp_directory_path() / "small-study-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    write("studies", {R"({"studyKey":"SMALL","studyId":1,"studyName":"Small"})"});
    std::vector<std::string> lines;
    for (int i = 0; i < kRecords; ++i) {
      lines.push_back(record(kFirstId + i));
    }
    lines.insert(lines.end(), more_records.begin(), more_records.end());
    write("records", lines);
  }
  ~SmallStudy() { std::filesystem::remove_all(folder_); }
  SmallStudy(const SmallStudy&) = delete;
  SmallStudy& operator=(const SmallStudy&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  void write(const std::string& name, const std::vector<std::string>& lines) const {
    std::ofstream file(folder_ / (name + ".ndjson"), std::ios::binary);
    for (const std::string& line : lines) {
      file << line << '\n';
    }
  }

  static std::string record(int id) {
    return R"({"studyKey":"SMALL","formId":1,"formKey":"F","recordId":)" + std::to_string(id) +
           R"(,"deleted":false,"dateModified":"2020-01-01 00:00:00","recordData":{"a":")" + std::to_string(id % 3) + R"("}})";
  }

 private:
  std::filesystem::path folder_;
};

inline std::vector<int> record_ids(const Json& answer) {
  std::vector<int> ids;
  for (const Json& record : answer.at("data")) {
    ids.push_back(record.at("recordId").get<int>());
  }
  return ids;
}

}  // namespace imednet::sandbox::edc
