// batch_names.h: batch ids and the file names made from them.
//
// Format: docs/formats/staged-file.md, "Names".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace imednet::staging {

inline constexpr std::size_t kBatchIdLimit = 1000;  // bytes

// "MY_STUDY/records/0". Throws ExportError (invalid_argument) for an empty study or layout, a negative number or a result
// longer than kBatchIdLimit.
std::string make_batch_id(std::string_view study_key, std::string_view layout, std::int64_t number);

// What stands between study and number in the ids of a form's batches: "forms/DM", of its second part "forms-2/DM".
std::string form_series(std::string_view form_key, std::size_t part);

// The form key in the id of a batch of a first part: "DM" in "MY_STUDY/forms/DM/0"; nullopt for any other id.
std::optional<std::string> form_of_batch(std::string_view study_key, std::string_view batch_id);

// The part in the id of a form's batch: 2 for "MY_STUDY/forms-2/DM/0"; 1 for that of a first one, and for any other id.
std::int64_t part_of_batch(std::string_view study_key, std::string_view batch_id);

// The file name of a batch without its ending: "MY_STUDY_records_0" for "MY_STUDY/records/0"; any other id keeps its safe
// characters and gets a hash. Different ids have different stems; only [A-Za-z0-9_-] occur.
// Throws ExportError (invalid_argument) for an empty id or one longer than kBatchIdLimit.
std::string file_stem(std::string_view batch_id);

// file_stem + ".parquet".
std::string parquet_file_name(std::string_view batch_id);

}  // namespace imednet::staging
