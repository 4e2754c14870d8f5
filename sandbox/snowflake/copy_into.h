#pragma once

#include <string>
#include <vector>

#include "executor.h"

namespace imednet::sandbox::snowflake {

enum class MatchByName { none, case_sensitive, case_insensitive };

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
  bool force = false;
  bool purge = false;
  MatchByName match = MatchByName::none;
};

CopyStatement parse_copy(Translator& sql);

// Loads what one COPY INTO names, all files or none.
class CopyInto {
 public:
  CopyInto(Executor& executor, Translator& sql, CopyStatement statement);
  StatementResult run();

 private:
  struct Candidate {
    StagedFile file;
    bool skipped = false;
    long long rows = 0;
    long long loaded = 0;  // of them; fewer only when that was ordered
  };

  void find_candidates();
  void skip_loaded();
  void add_file_statements(Candidate& candidate);
  std::vector<std::string> target_columns() const;
  std::string transform_insert(const Candidate& candidate, const std::vector<std::string>& parquet_columns);
  std::string plain_insert(const Candidate& candidate, const std::vector<std::string>& parquet_columns) const;
  std::string coerced(const std::string& value, bool json, const ColumnDefinition& column) const;
  StatementResult answer() const;
  [[noreturn]] void fail_at(size_t step, const std::string& engine_message) const;

  Executor& executor_;
  Translator& sql_;
  CopyStatement statement_;
  TableDefinition table_;
  StageDefinition stage_;
  std::vector<Candidate> candidates_;
  std::vector<std::string> writes_;
  std::vector<size_t> candidate_of_write_;
};

}  // namespace imednet::sandbox::snowflake
