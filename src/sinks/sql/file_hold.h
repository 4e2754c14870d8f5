// file_hold.h: who has a database file open in this process.
//
// Rule:   DuckDB keeps processes apart by a lock that the threads of one process share: two sessions of one process would both write the
//         file, each over the other. So here one that writes is alone, and those that read share.   Threads: any.
// Errors: ExportConfigurationError conflict, to be tried again, as for another program's lock.
#pragma once

#include <string>

#include "sinks/sql/sql_place.h"

namespace imednet::sinks::sql {

class FileHold {
 public:
  explicit FileHold(const SqlPlace& place);
  ~FileHold();
  FileHold(const FileHold&) = delete;
  FileHold& operator=(const FileHold&) = delete;

 private:
  std::string file_;  // empty: the database keeps its sessions apart
};

}  // namespace imednet::sinks::sql
