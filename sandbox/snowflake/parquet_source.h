// parquet_source.h: one staged Parquet file as the engine reads it, column by column, by the rules of a file format.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "file_format.h"
#include "session.h"
#include "stage_store.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

struct ParquetColumn {
  std::string name;
  std::string sql;  // the engine's expression
  bool is_binary = false;
  bool is_nullable = true;
  std::string type;  // as INFER_SCHEMA calls it
};

struct ParquetFile {
  StagedFile file;
  std::vector<ParquetColumn> columns;
  long long rows = 0;
  std::string from;  // a relation with p0, p1, … and file_row_number
};

// Reads names, types and number of rows. Throws what the engine throws for a file that is none.
ParquetFile open_parquet(Session& session, const std::filesystem::path& path, const StagedFile& file, const FileFormat& format);

// $1:name over one file.
class ParquetRow : public StagedRow {
 public:
  ParquetRow(const ParquetFile& file, int64_t now_us) : file_(file), now_us_(now_us) {}
  std::string column(const std::string& name) override;
  std::string whole() override;
  std::string metadata(const std::string& name) override;

 private:
  const ParquetFile& file_;
  int64_t now_us_;
};

}  // namespace imednet::sandbox::snowflake
