// reading_digest.h: a whole reading in 32 hex digits, to tell whether it says what an earlier one said.
//
// Errors: as visit_row_hashes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "staging/staged_file.h"

namespace imednet::pipeline {

// Over the files' content hashes in order. Another batch size gives another digest of the same rows.
std::string plan_digest(std::span<const staging::StagedFile> files);

// Over record ids and row hashes in rising order of the ids, however the rows are cut into files.
struct RowsDigest {
  std::string hash;
  std::int64_t rows = 0;
};
RowsDigest digest_of_all(std::span<const staging::StagedFile> files);
// Of these ids alone (rising). Files without any of them are not read.
RowsDigest digest_of(std::span<const staging::StagedFile> files, std::span<const std::int64_t> ids);

}  // namespace imednet::pipeline
