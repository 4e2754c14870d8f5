// study_extent.h: how far a study reaches: how many records the API holds of it, and up to which id.
//
// Source: ADR 0008, 0023.
#pragma once

#include <cstdint>
#include <string>

#include "api/client.h"

namespace imednet::api {

struct StudyExtent {
  std::int64_t records = 0;
  std::int64_t highest_id = 0;  // 0 when there is no record
  std::string timestamp{};      // the API's own time of this answer
};

// One request. Throws ApiError as Client does, and protocol for an answer that tells no total.
StudyExtent study_extent(Client& client, const std::string& study);

// Records with ids up to that one, counted by one request; `honours_filters` false: all records.
std::int64_t records_up_to(Client& client, const std::string& study, std::int64_t record_id, bool honours_filters);

}  // namespace imednet::api
