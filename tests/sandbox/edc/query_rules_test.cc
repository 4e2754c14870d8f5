// What the vendor's pages say a list endpoint refuses, at each of them, with the status and code they give.
#include <gmock/gmock.h>

#include <map>

#include "sandbox/edc/resource.h"
#include "tests/sandbox/edc/sample_client.h"

namespace imednet::sandbox::edc {
namespace {

class QueryRules : public OnSampleStudy {
 protected:
  static std::string path_of(const Resource& resource) {
    return resource.name == "studies" ? std::string() : "/MY_STUDY/" + std::string(resource.name);
  }

  void expect_refused(const Resource& resource, const std::string& parameter, const std::string& value) {
    SCOPED_TRACE(std::string(resource.name) + ": " + parameter + "=" + value);
    const auto answer = client_.list(path_of(resource), {{parameter, value}});
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400);
    const Json metadata = Json::parse(answer->body).at("metadata");
    EXPECT_EQ(metadata.at("status"), "BAD_REQUEST");
    EXPECT_EQ(metadata.at("path"), "/api/v1/edc/studies" + path_of(resource));
    EXPECT_EQ(metadata.at("error").at("code"), "1000");
    EXPECT_EQ(metadata.at("error").at("field"), Json({{"attribute", parameter}, {"value", value}}));
  }
};

// A value that the kind of attribute can have, as a filter writes it.
std::string good_value(AttributeKind kind) {
  switch (kind) {
    case AttributeKind::kInteger:
      return "1";
    case AttributeKind::kBoolean:
      return "true";
    case AttributeKind::kStamp:
      return "2013-01-01T00:00:00Z";
    case AttributeKind::kDate:
      return "2013-01-01";
    default:
      return "x";
  }
}

std::vector<std::string> bad_values(AttributeKind kind) {
  switch (kind) {
    case AttributeKind::kInteger:
      return {"x", "1.5", "1e3", "99999999999999999999"};
    case AttributeKind::kBoolean:
      return {"True", "1", "yes"};
    case AttributeKind::kStamp:  // "2018" is the vendor's own example; the second is the answers' form
      return {"2018", "\"2018-01-01 00:00:00\"", "2018-01-01", "2018-01-01T00:00:00", "2018-02-30T00:00:00Z", "2018-01-01T24:00:00Z"};
    case AttributeKind::kDate:
      return {"2018", "2018-02-30", "2018-01-01T00:00:00Z", "01/02/2018"};
    case AttributeKind::kNested:
      return {"x"};
    default:
      return {};
  }
}

TEST_F(QueryRules, PagesAreNumbersWithinTheirBounds) {
  for (const Resource& resource : all_resources()) {
    for (const char* size : {"0", "501", "-1", "+1", "x", "25.0", " 25", ""}) expect_refused(resource, "size", size);
    for (const char* page : {"XX", "-1", "1.0", ""}) expect_refused(resource, "page", page);
    EXPECT_EQ(client_.list(path_of(resource), {{"size", "500"}, {"page", "0"}})->status, 200) << resource.name;
  }
}

TEST_F(QueryRules, OnlyWhatAnElementHasIsSortedBy) {
  for (const Resource& resource : all_resources()) {
    for (const Attribute& attribute : resource.attributes) {
      const bool can_be = attribute.kind != AttributeKind::kNested && !attribute.is_within_list();
      for (const char* direction : {"", ",asc", ",DESC"}) {
        const std::string sort = std::string(attribute.name) + direction;
        if (can_be) {
          EXPECT_EQ(client_.list(path_of(resource), {{"sort", sort}, {"size", "1"}})->status, 200) << resource.name << ' ' << sort;
        } else {
          expect_refused(resource, "sort", sort);
        }
      }
    }
    const std::string id(resource.id);
    for (const std::string& sort : {std::string("nothing"), id + ",up", id + ",", id + " asc", "," + id, std::string()})
      expect_refused(resource, "sort", sort);
  }
}

TEST_F(QueryRules, EveryAttributeIsFilteredByAValueOfItsKindAndNoOther) {
  for (const Resource& resource : all_resources()) {
    for (const auto& [name, kind] : resource.attributes) {
      const std::string term = std::string(name) + "==";
      if (resource.takes_filter && kind != AttributeKind::kNested) {
        EXPECT_EQ(client_.list(path_of(resource), {{"filter", term + good_value(kind)}})->status, 200) << resource.name << ' ' << name;
      } else {
        expect_refused(resource, "filter", term + good_value(kind));
      }
      for (const std::string& value : bad_values(kind)) expect_refused(resource, "filter", term + value);
    }
  }
}

TEST_F(QueryRules, GrammarIsKeptEverywhere) {
  for (const Resource& resource : all_resources()) {
    const std::string id(resource.id);
    const std::string one = id + "==1";
    const std::vector<std::string> refused{one + ";" + id + "!=2",
                                           one + "," + id + "==2",
                                           one + ";studyKey==x," + id + "==3",
                                           id + "=~1",
                                           id + " ==1",
                                           id + "== 1",
                                           id + " == 1",
                                           " " + one,
                                           one + " ",
                                           "nothing==1",
                                           "ID==1",
                                           id,
                                           id + "==",
                                           "==1",
                                           one + ";",
                                           one + ",,studyKey==x",
                                           id + "=1",
                                           id + "==\"1",
                                           one + ";nothing==1",
                                           "(" + one + ")",
                                           one + " AND studyKey==x",
                                           "not " + one};
    for (const std::string& filter : refused) expect_refused(resource, "filter", filter);
  }
}

TEST_F(QueryRules, AnswersAreFilteredOfRecordsOnly) {
  for (const Resource& resource : all_resources()) {
    if (resource.name == "records") continue;
    expect_refused(resource, "recordDataFilter", "it.age==63");
  }
  const Resource& records = *find_resource("records");
  for (const char* filter : {"a==1;b==2,c==3", "a==1,b==2;c==3", "a==1 and b==2 or c==3", "a==1;a==2", "a == 1", "a==", "a=~\"(\"", "a=1"})
    expect_refused(records, "recordDataFilter", filter);
  EXPECT_EQ(client_.list("/MY_STUDY/records", {{"recordDataFilter", "it.age=~6;it.sex==Male"}, {"filter", "formKey==DM"}})->status, 200);
}

TEST_F(QueryRules, AQueryIsFoundByAnyOfItsComments) {
  const auto total = [&](const std::string& filter) { return client_.total("/MY_STUDY/queries", {{"filter", filter}}); };
  const Json all = client_.list_json("/MY_STUDY/queries", {{"size", "500"}}).at("data");
  const auto counted = [&](const auto& matches) {
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [&](const Json& query) {
      const Json& comments = query.at("queryComments");
      return std::any_of(comments.begin(), comments.end(), matches);
    }));
  };
  const std::size_t closed = counted([](const Json& comment) { return comment.at("closed").get<bool>(); });
  EXPECT_GT(closed, 0u);
  EXPECT_LT(closed, all.size());
  EXPECT_EQ(total("queryComments.closed==true"), closed);
  EXPECT_EQ(total("queryComments.user==emil.madeup"), counted([](const Json& comment) { return comment.at("user") == "emil.madeup"; }));
  EXPECT_EQ(total("queryComments.sequence>3"), counted([](const Json& comment) { return comment.at("sequence") > 3; }));
  EXPECT_EQ(total("queryComments.closed==false"), counted([](const Json& comment) { return !comment.at("closed").get<bool>(); }));
}

TEST_F(QueryRules, KeysHeadersAndStudyAreJudgedAtEachEndpoint) {
  const auto code = [](const httplib::Result& answer) { return Json::parse(answer->body).at("metadata").at("error").at("code"); };
  for (const Resource& resource : all_resources()) {
    const std::string target = "/api/v1/edc/studies" + path_of(resource);
    for (const char* name : {"x-api-key", "x-imn-security-key", "Accept", "Content-Type"}) {
      auto headers = good_headers();
      headers.erase(name);
      if (std::string(name) == "Accept") headers.emplace(name, "text/html");  // a client that sends none sends */*
      const auto answer = client_.get(target, headers);
      const bool is_key = name[0] == 'x';
      EXPECT_EQ(answer->status, is_key ? 401 : 400) << target << ' ' << name;
      EXPECT_EQ(code(answer), is_key ? "9001" : "1000") << target << ' ' << name;
    }
    if (resource.name == "studies") continue;
    const auto foreign = client_.get("/api/v1/edc/studies/NOT_MINE/" + std::string(resource.name));
    EXPECT_EQ(foreign->status, 403) << resource.name;
    EXPECT_EQ(code(foreign), "9001") << resource.name;
    const auto deeper = client_.get(target + "/1");
    EXPECT_EQ(deeper->status, 404) << resource.name;
  }
}

}  // namespace
}  // namespace imednet::sandbox::edc
