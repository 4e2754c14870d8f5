// expected_rows.h: the rows a table should hold, from staged files, by record id: what a later reading says of a record counts.
//
// Memory: one row group a reading.   Errors: as staging::FileRows; unsupported for files whose rows are not by record id.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sinks/snowflake/verify_statements.h"
#include "staging/file_rows.h"

namespace imednet::pipeline {

// The files of one reading, by record id, as places on this machine.
using ReadingFiles = std::vector<std::filesystem::path>;
using sinks::snowflake::IdsBetween;

class ExpectedRows {
 public:
  // `readings`: the oldest first. `parts`: by rising ids, apart from each other; only rows within them count.
  ExpectedRows(std::vector<ReadingFiles> readings, std::vector<IdsBetween> parts);

  // False behind the last one.
  bool next();
  // Of the row at hand; views, until the next call of next().
  std::int64_t id() const noexcept { return id_; }
  const table::RecordRow& row() const noexcept { return row_; }
  std::string_view hash() const noexcept { return hash_; }

 private:
  // One reading's rows, one after the other.
  struct Reading {
    ReadingFiles files;
    std::size_t next_file = 0;
    std::optional<staging::FileRows> rows{};
    std::optional<std::int64_t> id{};  // of the row at hand; nullopt: none is left
    void step();
  };

  bool is_within(std::int64_t id);
  void keep(const staging::FileRows& rows);
  bool is_newer(const staging::FileRows& rows) const;

  std::vector<Reading> readings_;
  std::vector<IdsBetween> parts_;
  std::size_t part_ = 0;
  std::int64_t id_ = 0;
  table::RecordRow row_;
  std::string hash_, texts_;  // what row_ looks into, since its file may have gone on
};

}  // namespace imednet::pipeline
