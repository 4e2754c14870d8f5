// Paging by key, the way a loader reads a study, compared with the data file.
#include <gmock/gmock.h>
#include <zlib.h>

#include "sandbox/edc/synthetic_table.h"
#include "tests/sandbox/edc/sample_client.h"

namespace imednet::sandbox::edc {
namespace {

std::vector<std::string> lines_of_data_file() {
  const gzFile file = gzopen((cdisc_folder() / "records.ndjson.gz").c_str(), "rb");
  std::vector<std::string> lines;
  std::string buffer(1 << 20, '\0');
  while (gzgets(file, buffer.data(), static_cast<int>(buffer.size())) != nullptr) {
    lines.emplace_back(buffer.c_str());
    lines.back().pop_back();
  }
  gzclose_r(file);
  return lines;
}

std::vector<std::string> rows_of(const std::string& body) {
  // Every sample record ends in a visitId or an object, and none holds this text inside.
  const std::string start = R"("data":[)";
  std::vector<std::string> rows;
  std::size_t at = body.find(start) + start.size();
  while (body[at] == '{') {
    const std::size_t end = std::min(body.find(R"(,{"studyKey")", at), body.size() - 2);
    rows.push_back(body.substr(at, end - at));
    at = end + 1;
  }
  return rows;
}

std::vector<std::string> walk(SampleClient& client, const std::string& study) {
  std::vector<std::string> rows;
  int last = 0;
  for (int page = 0; page < 100; ++page) {
    const auto answer = client.list(std::string("/").append(study).append("/records"),
                                    {{"filter", "recordId>" + std::to_string(last)}, {"sort", "recordId,asc"}, {"size", "500"}});
    const auto more = rows_of(answer->body);
    if (more.empty()) {
      break;
    }
    rows.insert(rows.end(), more.begin(), more.end());
    last = Json::parse(rows.back()).at("recordId").get<int>();
  }
  return rows;
}

TEST(Keyset, WalkServesTheFileByteForByte) {
  EdcServerOptions options;
  options.studies.push_back(cdisc_folder());
  const EdcServer server(options);
  SampleClient client(server);
  EXPECT_EQ(walk(client, "CDISCPILOT01"), lines_of_data_file());
}

TEST(Keyset, AliasDiffersInTheStudyKeyOnly) {
  EdcServerOptions options;
  options.studies.push_back(cdisc_folder());
  const EdcServer server(options);
  SampleClient client(server);
  auto expected = lines_of_data_file();
  for (std::string& line : expected) {
    line.replace(line.find("CDISCPILOT01"), 12, "MY_STUDY");
  }
  EXPECT_EQ(walk(client, "MY_STUDY"), expected);
}

TEST(Keyset, SyntheticStudyHasEveryIdOnce) {
  EdcServerOptions options;
  options.studies.push_back(cdisc_folder());
  options.synthetic.push_back({"BIG", 40'000});
  const EdcServer server(options);
  SampleClient client(server);
  const auto rows = walk(client, "BIG");
  ASSERT_EQ(rows.size(), 40'000u);
  for (std::size_t i = 0; i < rows.size(); i += 997) {
    const Json record = Json::parse(rows[i]);
    EXPECT_EQ(record.at("recordId"), SyntheticTable::kFirstId + static_cast<std::int64_t>(i));
    EXPECT_EQ(record.at("studyKey"), "BIG");
  }
  const auto ae = client.total("/BIG/records", {{"filter", "formKey==AE"}});
  EXPECT_EQ(ae + client.total("/BIG/records", {{"filter", "formKey!=AE"}}), 40'000u);
  EXPECT_EQ(client.total("/BIG/records", {{"filter", "recordId>1039000;studyKey==BIG"}}), 1000u);
  EXPECT_EQ(client.total("/BIG/subjects", {}), 306u);
}

TEST(Keyset, OddRecordsAreServedAsTheyStand) {
  const std::vector<std::string> odd{
      R"({"studyKey":"SMALL","recordId":201,"recordData":{"a":1e400,"a":2,"n":123456789012345678901234567890}})",
      "{\"studyKey\":\"SMALL\",\"recordId\":202,\"recordData\":{\"b\":\"\xff\xfe\",\"l\":\"\\ud800\",\"z\":\"\\u0000\"}}",
      R"({ "studyKey" : "SMALL" ,  "recordId" : 203 , "recordData" : [[{"recordId":1}]] })",
      R"({"studyKey":"SMALL","recordId":99999999999999999999})",
      R"({"studyKey":"SMALL","recordData":{}})",
  };
  const SmallStudy study(odd);
  EdcServerOptions options;
  options.studies.push_back(study.folder());
  const EdcServer server(options);
  SampleClient client(server);
  const auto answer = client.list("/SMALL/records", {{"filter", "recordId>200"}, {"size", "500"}});
  std::string joined;
  for (const std::string& line : odd) {
    joined.append(joined.empty() ? "" : ",").append(line);
  }
  EXPECT_THAT(answer->body, testing::HasSubstr(R"("data":[)" + joined + "]}"));
  EXPECT_THAT(answer->body, testing::HasSubstr(R"("totalElements":5)"));
}

TEST(Keyset, RecordsOutOfOrderAreServedInOrder) {
  const SmallStudy study({SmallStudy::record(50), SmallStudy::record(300), SmallStudy::record(7)});
  EdcServerOptions options;
  options.studies.push_back(study.folder());
  const EdcServer server(options);
  SampleClient client(server);
  const auto ids = record_ids(client.list_json("/SMALL/records"));
  EXPECT_EQ(ids.front(), 7);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

}  // namespace
}  // namespace imednet::sandbox::edc
