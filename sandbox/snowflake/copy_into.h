// copy_into.h: COPY INTO <table> FROM a stage's Parquet files.
//
// Which files: those below FROM's path whose rest matches PATTERN, or those that FILES names; then without what load_history.h says was
//              loaded, until SIZE_LIMIT is passed.
// Errors:      ON_ERROR = ABORT_STATEMENT loads all files or none. The others load file by file: the rows that can't be converted are
//              found by halving (copy_rows.cc), counted, and left out, or the whole file is. [doc]
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "executor.h"
#include "file_format.h"
#include "load_history.h"
#include "parquet_source.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

enum class MatchByName { none, case_sensitive, case_insensitive };
enum class OnError { abort_statement, keep_going, skip_file };

// COPY INTO as written. A transform is kept as the position of its select list, because what
// $1:name becomes depends on each file's columns.
struct CopyStatement {
  ObjectName table;
  std::vector<std::string> columns;
  StageReference source;
  bool transform = false;
  size_t select_list = 0;
  std::string alias;
  std::vector<std::string> files;
  bool files_given = false;
  std::optional<std::string> pattern;
  std::optional<FileFormat> format;
  bool force = false;
  bool purge = false;
  bool load_uncertain_files = false;
  bool return_failed_only = false;
  bool truncates = false;
  long long size_limit = 0;
  OnError on_error = OnError::abort_statement;
  long long skip_from = 1;  // SKIP_FILE_n: with so many errors
  bool skip_percent = false;
  MatchByName match = MatchByName::none;
  std::vector<std::pair<std::string, std::string>> metadata;  // INCLUDE_METADATA: column, METADATA$…
};

CopyStatement parse_copy(Translator& sql);

// What a row of one file becomes.
struct CopyValue {
  const ColumnDefinition* column = nullptr;
  std::string sql;
};

struct BadRow {
  long long number = 0;  // from 1
  std::string message;
  std::string column;  // "TABLE"["COLUMN":2]; empty when it is not known
};

class CopyInto {
 public:
  CopyInto(Executor& executor, Translator& sql, CopyStatement statement);
  StatementResult run();

 private:
  struct Candidate {
    StagedFile file;
    std::string status;  // empty: still to be loaded
    long long rows = 0;
    long long loaded = 0;
    long long error_limit = 1;
    long long errors = 0;
    BadRow first_error{};
  };
  struct FilePlan {
    ParquetSource parquet;
    std::vector<CopyValue> values;
    std::vector<std::string> json_texts;  // what PARSE_JSON is about to read
  };

  // copy_into.cc
  void load_all();
  bool load_together();  // false: nothing was loaded, and which file is to blame is not known
  void load_one_by_one();
  void load_each();
  long long error_limit(const Candidate& candidate) const;
  StagedParquet readable(const Candidate& candidate) const;
  FilePlan plan_for(ParquetSource source);
  void transform_values(FilePlan& plan);
  void matched_values(FilePlan& plan) const;
  std::vector<std::string> target_columns() const;
  const ColumnDefinition& column(const std::string& name) const;
  std::string coerced(const std::string& value, bool json, bool binary, const ColumnDefinition& column) const;
  std::string insert_sql(const FilePlan& plan, const std::string& rest) const;
  LoadRecord load_record(const Candidate& candidate) const;
  // copy_candidates.cc
  void find_candidates();
  void keep_matching(std::vector<StagedFile>& files) const;
  void skip_loaded();
  void stop_at_size_limit();
  [[noreturn]] void missing_file(const std::string& path) const;
  // copy_rows.cc
  std::vector<BadRow> bad_rows(const FilePlan& plan, size_t most) const;  // the first so many; 0: all
  std::string probe(const FilePlan& plan, const std::vector<size_t>& columns, long long first, long long last,
                    EngineConnection& reader) const;
  BadRow explain(const FilePlan& plan, long long row, const std::string& message, EngineConnection& reader) const;
  bool refused_json(const FilePlan& plan, std::map<long long, std::string>& found, size_t most) const;
  [[noreturn]] void fail(const Candidate& candidate, const FilePlan* plan, const std::string& engine_message) const;
  [[noreturn]] void refuse(const Candidate& candidate, const SqlError& cause, const BadRow& row) const;
  // copy_answer.cc
  StatementResult answer() const;

  Executor& executor_;
  Translator& sql_;
  CopyStatement statement_;
  TableDefinition table_;
  StageDefinition stage_;
  FileFormat format_;
  std::vector<Candidate> candidates_;
};

}  // namespace imednet::sandbox::snowflake
