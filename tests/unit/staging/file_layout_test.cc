#include "staging/file_layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "staging/file_hashes.h"
#include "staging/parquet_stage.h"
#include "table/dimensions.h"
#include "unit/folder.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;
using table::ColumnKind;

class FileLayouts : public FolderTest {
 protected:
  StagedFile sites(int version = 1) const {
    Site site;
    site.site_id = 10;
    site.site_name = "Site 0";
    site.date_created = "2026-01-01 00:00:00";
    site.raw = "{}";
    const table::Dimension dimension = table::dimension_of("S", std::vector<Site>{site});
    table::Layout layout = *dimension.layout;
    layout.version = version;
    BatchFileWriter writer(root, "S/dimensions/SITE/0", {.study_key = "S", .layout = &layout});
    writer.write(*dimension.rows);
    return writer.finish();
  }
};

TEST_F(FileLayouts, OfADimensionAreReadBackAsTheyWereWritten) {
  const StagedFile file = sites();
  const FileLayout found(file.path);
  const table::Layout& written = *table::dimension_of("S", std::vector<Site>()).layout;
  ASSERT_EQ(found.layout().columns.size(), written.columns.size());
  for (std::size_t i = 0; i < written.columns.size(); ++i) {
    EXPECT_EQ(found.layout().columns[i].name, written.columns[i].name);
    EXPECT_EQ(found.layout().columns[i].nullable, written.columns[i].nullable);
    EXPECT_EQ(found.layout().columns[i].comment, written.columns[i].comment);
  }
  EXPECT_EQ(found.layout().name, "dimension");
  EXPECT_EQ(found.layout().key, "site_id");
  EXPECT_EQ(found.layout().columns[1].kind, ColumnKind::integer);
  EXPECT_EQ(found.layout().columns[4].kind, ColumnKind::timestamp);
  EXPECT_EQ(read_staged_file(file.path, found.layout()).content_hash, file.content_hash);
}

TEST_F(FileLayouts, LetRowsBeHashedAnew) {
  const StagedFile file = sites();
  FileHashes rows(file.path);
  ASSERT_TRUE(rows.next());
  EXPECT_EQ(rows.id(), 10);
  EXPECT_EQ(rows.stored().size(), 32u);
  EXPECT_EQ(rows.computed(), rows.stored());
  EXPECT_FALSE(rows.next());
}

TEST_F(FileLayouts, OfVersionsThatNobodyKnowsAreRefused) {
  const auto path = sites(2).path;
  EXPECT_EQ(code_of<errors::ExportError>([&] { FileLayout{path}; }), ErrorCode::unsupported);
}

TEST_F(FileLayouts, OfWhatIsNoStagedFileAreRefused) {
  put(root / "no.parquet", "no Parquet file");
  EXPECT_EQ(code_of<errors::ExportError>([&] { FileLayout{root / "no.parquet"}; }), ErrorCode::corrupt);
  EXPECT_EQ(code_of<errors::ExportError>([&] { FileLayout{root / "missing.parquet"}; }), ErrorCode::io);
}

TEST(ColumnKinds, HaveTextsThatAreReadBack) {
  for (const ColumnKind kind : {ColumnKind::text, ColumnKind::integer, ColumnKind::boolean, ColumnKind::timestamp, ColumnKind::json,
                                ColumnKind::json_raw, ColumnKind::hash, ColumnKind::real, ColumnKind::date, ColumnKind::moment})
    EXPECT_EQ(table::kind_of(table::kind_text(kind)), kind);
  EXPECT_EQ(table::kind_of("number"), std::nullopt);
}

}  // namespace
}  // namespace imednet::staging
