// parquet_source.h: staged Parquet files as the engine reads them, column by column, by the rules of a file format.
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
  bool operator==(const ParquetColumn&) const = default;

  std::string name;
  std::string sql;  // the engine's expression
  bool is_binary = false;
  bool is_nullable = true;
  std::string type;  // as INFER_SCHEMA calls it
};

// Files with the same columns.
struct ParquetSource {
  std::vector<StagedFile> files;
  std::vector<long long> rows;  // of each file
  std::vector<ParquetColumn> columns;
  std::string from;  // a relation with p0, p1, …, file_row_number and, of several files, file_index: both from 0
};

struct StagedParquet {
  StagedFile file;
  std::filesystem::path path;  // where the engine finds it
};

// Reads names, types and numbers of rows; what has the same columns comes together. Throws what the engine throws for a file that is none.
std::vector<ParquetSource> open_parquet(Session& session, const std::vector<StagedParquet>& files, const FileFormat& format);
ParquetSource open_parquet(Session& session, const StagedParquet& file, const FileFormat& format);

// $1:name over a source.
class ParquetRow : public StagedRow {
 public:
  ParquetRow(const ParquetSource& source, int64_t now_us) : source_(source), now_us_(now_us) {}
  std::string column(const std::string& name) override;
  std::string whole() override;
  std::string metadata(const std::string& name) override;

 private:
  // The expression of each file, taken by the row's file.
  template <class OfFile>
  std::string per_file(OfFile of_file) const;

  const ParquetSource& source_;
  int64_t now_us_;
};

}  // namespace imednet::sandbox::snowflake
