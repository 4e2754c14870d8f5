// rows.h: random records for the tests of table and staging, reproducible from a seed.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "imednet/models.h"

namespace imednet::testing_rows {

class RandomRecords {
 public:
  explicit RandomRecords(unsigned seed) : random_(seed) {}

  Record next() {
    Record r;
    r.study_key = maybe_text();
    r.interval_id = maybe_id();
    r.form_id = maybe_id();
    r.form_key = maybe_text();
    r.site_id = maybe_id();
    r.record_id = ++last_id_;
    r.record_oid = maybe_text();
    r.record_type = maybe_text();
    r.record_status = maybe_text();
    if (chance(4)) {
      r.deleted = chance(2);
    }
    r.date_created = maybe_stamp();
    r.date_modified = maybe_stamp();
    r.subject_id = maybe_id();
    r.subject_oid = maybe_text();
    r.subject_key = maybe_text();
    r.visit_id = maybe_id();
    r.parent_record_id = maybe_id();
    r.keywords = chance(2) ? OptionalText("[ \"k\" ]") : std::nullopt;
    r.record_data = maybe_data();
    return r;
  }

  std::vector<Record> many(int count) {
    std::vector<Record> out;
    for (int i = 0; i < count; ++i) {
      out.push_back(next());
    }
    return out;
  }

 private:
  bool chance(unsigned of) { return random_() % of == 0; }
  unsigned below(std::size_t n) { return static_cast<unsigned>(random_() % n); }

  OptionalText maybe_text() {
    static const std::vector<std::string> kTexts{
        "", "a", "MY_STUDY", "null", "caf\xC3\xA9", "\xF0\x9F\x98\x80 two words", std::string(300, 'x'), std::string("nul\0inside", 10)};
    return chance(4) ? std::nullopt : OptionalText(kTexts[below(kTexts.size())]);
  }
  OptionalId maybe_id() {
    return chance(4) ? std::nullopt
                     : OptionalId(chance(8) ? std::numeric_limits<std::int64_t>::min() : static_cast<std::int64_t>(random_()));
  }
  OptionalText maybe_stamp() {
    static const std::vector<std::string> kStamps{"2026-01-15 12:00:00", "1969-12-31 23:59:59", "2024-02-29 00:00:00",
                                                  "9999-12-31 23:59:59"};
    return chance(4) ? std::nullopt : OptionalText(kStamps[below(kStamps.size())]);
  }
  OptionalText maybe_data() {
    static const std::vector<std::string> kData{
        "{}", R"({"it.age":"63","it.sex":"Female"})", R"({"a":1,"a":2})", R"({"n":1e999})", R"({ "spaced" : [1.50] })", R"({"e":""})"};
    return chance(5) ? std::nullopt : OptionalText(kData[below(kData.size())]);
  }

  std::mt19937 random_;
  std::int64_t last_id_ = 500'000;
};

}  // namespace imednet::testing_rows
