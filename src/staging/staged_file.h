// staged_file.h: the facts of one staged Parquet file, counted from the finished file.
//
// Where it stands: batch → Parquet writer → this → sink, ledger, manifest.
// Units: bytes of the finished file; record ids as the API gives them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace imednet::staging {

struct StagedFile {
  std::string batch_id;        // "MY_STUDY/records/0"
  std::filesystem::path path;  // the local file
  std::string file_name;       // "MY_STUDY_records_0.parquet"
  std::string content_hash;    // 32 hex of (layout, schema version, rows): the directory on the stage
  std::string sha256;          // 64 hex of the file's bytes
  std::int64_t rows = 0;       // from the footer
  std::int64_t bytes = 0;      // size on disk
  std::int64_t first_record_id = 0, last_record_id = 0;
  std::vector<std::pair<std::string, std::int64_t>> non_null;  // column name -> values that are not null, in schema order
};

}  // namespace imednet::staging
