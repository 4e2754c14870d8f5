// The list endpoints over HTTP, on the sample study.
#include <gmock/gmock.h>

#include "tests/sandbox/edc/sample_client.h"

namespace imednet::sandbox::edc {
namespace {

class List : public OnSampleStudy {
 protected:
  void expect_refused(const std::string& path, const httplib::Params& query, const std::string& attribute, const std::string& value) {
    const auto answer = client_.list(path, query);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400);
    const Json metadata = Json::parse(answer->body).at("metadata");
    EXPECT_EQ(metadata.at("status"), "BAD_REQUEST");
    EXPECT_EQ(metadata.at("error").at("code"), "1000");
    EXPECT_EQ(metadata.at("error").at("field").at("attribute"), attribute);
    EXPECT_EQ(metadata.at("error").at("field").at("value"), value);
    EXPECT_FALSE(metadata.contains("method"));
  }
};

TEST_F(List, EnvelopeHasEveryField) {
  const Json answer = client_.list_json("/MY_STUDY/sites", {{"size", "5"}, {"page", "1"}});
  const Json& metadata = answer.at("metadata");
  EXPECT_EQ(metadata.at("status"), "OK");
  EXPECT_EQ(metadata.at("method"), "GET");
  EXPECT_EQ(metadata.at("path"), "/api/v1/edc/studies/MY_STUDY/sites");
  EXPECT_THAT(metadata.at("timestamp").get<std::string>(), testing::MatchesRegex("....-..-.. ..:..:.."));
  EXPECT_EQ(metadata.at("error"), Json::object());
  EXPECT_EQ(answer.at("pagination"), Json::parse(R"({"currentPage":1,"size":5,"totalPages":4,"totalElements":17,
                                                      "sort":[{"property":"siteId","direction":"ASC"}]})"));
  EXPECT_EQ(answer.at("data").size(), 5u);
}

TEST_F(List, EveryResourceIsServed) {
  const std::vector<std::pair<std::string, std::size_t>> expected{
      {"sites", 17},     {"forms", 5},      {"intervals", 23},  {"variables", 65},
      {"subjects", 306}, {"visits", 2821},  {"records", 15916}, {"recordRevisions", 3068},
      {"queries", 368},  {"codings", 1191}, {"users", 7}};
  for (const auto& [name, total] : expected) {
    for (const std::string study : {"CDISCPILOT01", "MY_STUDY"}) {
      const Json answer = client_.list_json(std::string("/").append(study).append("/").append(name));
      EXPECT_EQ(answer.at("pagination").at("totalElements"), total) << name;
      EXPECT_EQ(answer.at("data").size(), std::min<std::size_t>(total, 25)) << name;
      for (const Json& row : answer.at("data")) {
        if (name != "users") {
          EXPECT_EQ(row.at("studyKey"), study);
        }
      }
    }
  }
  EXPECT_EQ(client_.list_json("").at("data").size(), 2u);
}

TEST_F(List, KeysAreChecked) {
  for (const char* name : {"x-api-key", "x-imn-security-key"}) {
    for (const bool missing : {true, false}) {
      auto headers = good_headers();
      headers.erase(name);
      if (!missing) {
        headers.emplace(name, "wrong");
      }
      const auto answer = client_.get("/api/v1/edc/studies", headers);
      EXPECT_EQ(answer->status, 401) << name;
      EXPECT_EQ(Json::parse(answer->body).at("metadata").at("error").at("code"), "9001");
    }
  }
}

TEST_F(List, RequiredHeadersAreChecked) {
  auto headers = good_headers();
  headers.erase("Content-Type");
  EXPECT_EQ(client_.get("/api/v1/edc/studies", headers)->status, 400);
  headers = good_headers();
  headers.erase("Accept");
  headers.emplace("Accept", "text/html");
  EXPECT_EQ(client_.get("/api/v1/edc/studies", headers)->status, 400);
}

TEST_F(List, UnknownStudyIsForbiddenAndUnknownRouteNotFound) {
  const auto study = client_.list("/NOPE/records");
  EXPECT_EQ(study->status, 403);
  EXPECT_EQ(Json::parse(study->body).at("metadata").at("error").at("code"), "9001");
  for (const char* path : {"/api/v1/edc/studies/MY_STUDY/nothing", "/api/v1/edc/studies/MY_STUDY", "/api/v1/edc/studies/MY_STUDY/records/1",
                           "/api/v1/edc/studies/MY_STUDY/records/", "/api/v1/edc", "/api/v2/edc/studies", "/", "/sandbox/orders"}) {
    const auto answer = client_.get(path);
    EXPECT_EQ(answer->status, 404) << path;
    EXPECT_EQ(Json::parse(answer->body).at("metadata").at("path"), path);
  }
}

TEST_F(List, PagesAtTheEdges) {
  EXPECT_EQ(client_.list_json("/MY_STUDY/records").at("pagination").at("size"), 25);
  const Json largest = client_.list_json("/MY_STUDY/records", {{"size", "500"}, {"page", "31"}});
  EXPECT_EQ(largest.at("data").size(), 416u);
  EXPECT_EQ(largest.at("pagination").at("totalPages"), 32);
  const Json beyond = client_.list_json("/MY_STUDY/records", {{"size", "500"}, {"page", "32"}});
  EXPECT_EQ(beyond.at("data").size(), 0u);
  EXPECT_EQ(beyond.at("pagination").at("currentPage"), 32);
  for (const char* size : {"501", "0", "-1", "abc", "", "25.0", "99999999999999999999"}) {
    expect_refused("/MY_STUDY/records", {{"size", size}}, "size", size);
  }
  for (const char* page : {"XX", "-1"}) {
    expect_refused("/MY_STUDY/records", {{"page", page}}, "page", page);
  }
}

TEST_F(List, SortsBySeveralKeys) {
  const Json answer = client_.list_json("/MY_STUDY/records", {{"sort", "formKey,DESC"}, {"sort", "recordId,desc"}, {"size", "500"}});
  EXPECT_EQ(answer.at("pagination").at("sort"),
            Json::parse(R"([{"property":"formKey","direction":"DESC"},{"property":"recordId","direction":"DESC"}])"));
  EXPECT_EQ(answer.at("data")[0].at("formKey"), "VS");
  const auto ids = record_ids(answer);
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend()));
  EXPECT_EQ(record_ids(client_.list_json("/MY_STUDY/records", {{"sort", "recordId,desc"}, {"size", "1"}})), std::vector<int>{515916});
  EXPECT_EQ(record_ids(client_.list_json("/MY_STUDY/records", {{"sort", "recordId"}, {"size", "1"}})), std::vector<int>{500001});
  for (const char* sort : {"nothing,asc", "recordId,up", "recordData,asc", ""}) {
    expect_refused("/MY_STUDY/records", {{"sort", sort}}, "sort", sort);
  }
}

TEST_F(List, SortKeepsTheOrderOfIdsAmongEquals) {
  const auto ids = record_ids(client_.list_json("/MY_STUDY/records", {{"sort", "studyKey,desc"}, {"size", "500"}}));
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(ids.front(), 500001);
}

TEST_F(List, Filters) {
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "formKey==AE"}}), 1191u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "formId==102"}}), 1191u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "deleted==true"}}), 40u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "deleted!=true"}}), 15916u - 40u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "studyKey==MY_STUDY;recordId>500010"}}), 15906u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "studyKey==CDISCPILOT01"}}), 0u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "parentRecordId==1"}}), 0u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "formKey==DM,recordId>515915"}}), 307u);
  EXPECT_EQ(client_.total("/MY_STUDY/visits", {{"filter", "visitDate<2012-07-23;visitDateForm==Demographics"}}),
            client_.total("/MY_STUDY/visits", {{"filter", "visitDate<=2012-07-22;visitDateForm==Demographics"}}));
  EXPECT_EQ(client_.total("/MY_STUDY/variables", {{"filter", "variableName==IT.AGE"}}), 1u);
  EXPECT_EQ(client_.total("/MY_STUDY/variables", {{"filter", "variableName==it.age"}}), 0u);
}

TEST_F(List, FiltersByStampAsTime) {
  const auto later = client_.total("/MY_STUDY/records", {{"filter", "dateModified>2013-12-26T14:00:01Z"}});
  const auto from = client_.total("/MY_STUDY/records", {{"filter", "dateModified>=2013-12-26T14:00:01Z"}});
  EXPECT_GT(from, later);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", "dateModified>=2013-12-26T16:00:01+02:00"}}), from);
}

TEST_F(List, IdComparisonsAgreeWithCounting) {
  const std::vector<std::pair<std::string, std::size_t>> expected{{"recordId<500003", 2},
                                                                  {"recordId<=500003", 3},
                                                                  {"recordId==500003", 1},
                                                                  {"recordId>=515915", 2},
                                                                  {"recordId>515915", 1},
                                                                  {"recordId>515916", 0},
                                                                  {"recordId>0", 15916},
                                                                  {"recordId<9223372036854775807", 15916},
                                                                  {"recordId==1", 0},
                                                                  {"recordId!=500003", 15915},
                                                                  {"recordId<=9223372036854775807", 15916}};
  for (const auto& [filter, total] : expected) {
    EXPECT_EQ(client_.total("/MY_STUDY/records", {{"filter", filter}}), total) << filter;
  }
}

TEST_F(List, FiltersInsideRecordData) {
  const auto headaches = client_.total("/MY_STUDY/records", {{"recordDataFilter", "IT.AETERM=~headache"}, {"filter", "formKey==AE"}});
  EXPECT_GT(headaches, 0u);
  EXPECT_LT(headaches, 1191u);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"recordDataFilter", "it.aeterm=~HEADACHE"}}), headaches);
  EXPECT_EQ(client_.total("/MY_STUDY/records", {{"recordDataFilter", "it.sex==Female;it.age>=80"}}) +
                client_.total("/MY_STUDY/records", {{"recordDataFilter", "it.sex==Female;it.age<80"}}),
            client_.total("/MY_STUDY/records", {{"recordDataFilter", "it.sex==Female"}}));
}

TEST_F(List, RefusesBadFilters) {
  for (const char* filter : {"formKey==AE;formKey==DM", "formIds==1", "dateModified>2018", "formKey=~A"}) {
    expect_refused("/MY_STUDY/records", {{"filter", filter}}, "filter", filter);
  }
  expect_refused("/MY_STUDY/records", {{"recordDataFilter", "a==1;b==2,c==3"}}, "recordDataFilter", "a==1;b==2,c==3");
  expect_refused("/MY_STUDY/visits", {{"recordDataFilter", "a==1"}}, "recordDataFilter", "a==1");
  expect_refused("/MY_STUDY/users", {{"filter", "login==x"}}, "filter", "login==x");
}

TEST_F(List, UsersWhoAreNotActiveComeOnRequest) {
  EXPECT_EQ(client_.total("/MY_STUDY/users", {{"includeInactive", "false"}}), 7u);
  const Json all = client_.list_json("/MY_STUDY/users", {{"includeInactive", "true"}});
  EXPECT_EQ(all.at("pagination").at("totalElements"), 8);
  EXPECT_EQ(std::count_if(all.at("data").begin(), all.at("data").end(), [](const Json& user) { return !user.at("userActiveInStudy"); }), 1);
  for (const char* text : {"yes", "True", "1", ""}) {
    expect_refused("/MY_STUDY/users", {{"includeInactive", text}}, "includeInactive", text);
  }
}

TEST_F(List, CodingsAreFoundByNumberAndByText) {
  for (const auto& [id, expected] : {std::pair<std::string, Json>{"800307", 800307}, {"C350", "C350"}}) {
    const Json found = client_.list_json("/MY_STUDY/codings", {{"filter", "codingId==" + id}});
    ASSERT_EQ(found.at("data").size(), 1u) << id;
    EXPECT_EQ(found.at("data")[0].at("codingId"), expected);
  }
}

TEST_F(List, FilterMayComeUnescaped) {
  const auto answer = client_.get("/api/v1/edc/studies/MY_STUDY/records?filter=formKey==AE&size=1");
  EXPECT_EQ(Json::parse(answer->body).at("pagination").at("totalElements"), 1191);
}

TEST_F(List, GzipsForThoseWhoTakeIt) {
  auto headers = good_headers();
  const std::string target = "/api/v1/edc/studies/MY_STUDY/records?size=100";
  const auto plain = client_.get(target, headers);
  EXPECT_FALSE(plain->has_header("Content-Encoding"));
  headers.emplace("Accept-Encoding", "gzip");
  const auto zipped = client_.get(target, headers);
  EXPECT_EQ(zipped->get_header_value("Content-Encoding"), "gzip");
  EXPECT_EQ(Json::parse(zipped->body).at("data"), Json::parse(plain->body).at("data"));
}

TEST_F(List, ServesManyClientsAtOnce) {
  std::vector<std::thread> readers;
  std::vector<std::size_t> rows(16, 0);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    readers.emplace_back([&rows, i] {
      SampleClient client(*server_);
      for (int page = 0; page < 4; ++page) {
        rows[i] += client.list_json("/MY_STUDY/records", {{"page", std::to_string(page)}, {"filter", "formKey==AE"}}).at("data").size();
      }
    });
  }
  for (std::thread& reader : readers) {
    reader.join();
  }
  EXPECT_THAT(rows, testing::Each(100u));
}

}  // namespace
}  // namespace imednet::sandbox::edc
