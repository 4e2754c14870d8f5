#include "staging/file_study.h"

#include <gtest/gtest.h>

#include "imednet/models.h"
#include "staging/record_stager.h"
#include "unit/folder.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;

class FileStudy : public FolderTest {
 protected:
  // A file whose rows have these study keys, in row groups of two.
  std::filesystem::path file_of(const std::vector<std::optional<std::string>>& keys) const {
    BatchStager stager(root, "nightly/1", "MADE_FOR", {.rows = 2});
    std::int64_t id = 0;
    for (const auto& key : keys) {
      Record record;
      record.record_id = ++id;
      record.study_key = key;
      stager.append(record);
    }
    return stager.finish().path;
  }
};

TEST_F(FileStudy, IsTheOneThatEveryRowHas) {
  EXPECT_EQ(study_of_file(file_of({"S 'one'", "S 'one'", "S 'one'", "S 'one'", "S 'one'"})), "S 'one'");
}

TEST_F(FileStudy, OfSeveralStudiesIsUnsupportedWhereverTheOtherOneStands) {
  const std::vector<std::optional<std::string>> keys(5, "A");
  for (std::size_t row = 0; row < keys.size(); ++row) {
    auto mixed = keys;
    mixed[row] = "B";
    const auto path = file_of(mixed);
    EXPECT_EQ(code_of<errors::ExportError>([&] { study_of_file(path); }), ErrorCode::unsupported) << row;
  }
}

TEST_F(FileStudy, OfAFileThatIsNoneIsAnError) {
  put(root / "no.parquet", "made up");
  EXPECT_EQ(code_of<errors::ExportError>([&] { study_of_file(root / "no.parquet"); }), ErrorCode::corrupt);
  EXPECT_EQ(code_of<errors::ExportError>([&] { study_of_file(root / "missing.parquet"); }), ErrorCode::io);
}

}  // namespace
}  // namespace imednet::staging
