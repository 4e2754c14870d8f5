#include "staging/batch_names.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "imednet/errors.h"

namespace imednet::staging {
namespace {

TEST(BatchNames, OrdinaryIdsReadAsTheGuideShows) {
  EXPECT_EQ(make_batch_id("MY_STUDY", "records", 0), "MY_STUDY/records/0");
  EXPECT_EQ(file_stem("MY_STUDY/records/0"), "MY_STUDY_records_0");
  EXPECT_EQ(file_stem("a-b_C9/records/120"), "a-b_C9_records_120");
  EXPECT_EQ(parquet_file_name("MY_STUDY/records/0"), "MY_STUDY_records_0.parquet");
}

TEST(BatchNames, OtherIdsKeepSafeCharactersAndGetAHash) {
  // Python: hashlib.sha256(b"nightly 2026/01").hexdigest()[:16]
  EXPECT_EQ(file_stem("nightly 2026/01"), "nightly_2026_01-x752ab54fca309b14");
  for (const char* id :
       {"MY_STUDY/records/00", "MY_STUDY/records/-1", "MY_STUDY/records/", "MY_STUDY/records/1x", "/records/0", "A/B/records/0",
        "S\xC3\xBC/records/0", "MY_STUDY/forms/DM/0", "..", "MY_STUDY_records_0", "MY_STUDY/records/9999999999999999999"}) {
    const std::string stem = file_stem(id);
    EXPECT_EQ(stem.substr(stem.size() - 18, 2), "-x") << id;
  }
  EXPECT_EQ(file_stem(std::string(101, 'A') + "/records/0"),
            std::string(100, 'A') + file_stem(std::string(101, 'A') + "/records/0").substr(100));
}

TEST(BatchNames, EmptyAndEndlessAreRefused) {
  EXPECT_THROW(file_stem(""), errors::ExportError);
  EXPECT_NO_THROW(file_stem(std::string(1000, 'a')));
  EXPECT_THROW(file_stem(std::string(1001, 'a')), errors::ExportError);
  EXPECT_THROW(make_batch_id("", "records", 0), errors::ExportError);
  EXPECT_THROW(make_batch_id("S", "", 0), errors::ExportError);
  EXPECT_THROW(make_batch_id("S", "records", -1), errors::ExportError);
  EXPECT_THROW(make_batch_id(std::string(995, 'S'), "records", 0), errors::ExportError);
}

TEST(BatchNamesProperty, DifferentIdsHaveDifferentPlainStems) {
  std::mt19937 random(1);
  constexpr std::string_view kBytes = "aA0_-/. \\\xC3\n";
  std::set<std::string> ids, stems;
  const char* const parts[] = {"S", "S_records_0", "records", "/records/", "/", "_records_", "0", "1", "-x0123456789abcdef", "x"};
  for (int i = 0; i < 50'000; ++i) {
    std::string id;
    for (unsigned n = 1 + random() % 5; n > 0; --n) {
      id += random() % 2 == 0 ? std::string(parts[random() % std::size(parts)]) : std::string(1, kBytes[random() % kBytes.size()]);
    }
    if (!ids.insert(id).second) {
      continue;
    }
    const std::string stem = file_stem(id);
    EXPECT_EQ(stem.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"), std::string::npos);
    EXPECT_LE(stem.size(), 130u);
    EXPECT_TRUE(stems.insert(stem).second) << id;
  }
}

TEST(FormSeries, TellsFormAndPart) {
  EXPECT_EQ(form_series("DM", 1), "forms/DM");
  EXPECT_EQ(form_series("DM", 3), "forms-3/DM");
  EXPECT_EQ(form_of_batch("S", "S/forms/DM/12"), "DM");
  EXPECT_EQ(form_of_batch("S", "S/forms/a/b/0"), "a/b");
  EXPECT_EQ(form_of_batch("S", "S/forms//0"), "");
  for (const char* other : {"S/forms-2/DM/0", "S/records/0", "T/forms/DM/0", "S/forms/DM/x", "S/forms/0", "S/dimensions/SITE/0", ""})
    EXPECT_EQ(form_of_batch("S", other), std::nullopt) << other;
  EXPECT_EQ(part_of_batch("S", "S/forms-2/DM/0"), 2);
  EXPECT_EQ(part_of_batch("S", "S/forms-12/a/b/0"), 12);
  for (const char* other : {"S/forms/DM/0", "S/records/0", "T/forms-2/DM/0", "S/forms-x/DM/0", "S/forms-", "S/dimensions/SITE/0", ""})
    EXPECT_EQ(part_of_batch("S", other), 1) << other;
}

}  // namespace
}  // namespace imednet::staging
