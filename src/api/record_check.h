// record_check.h: asks the API again for records that a reading did not show, before anyone calls them gone.
//
// Promise: an id is left out of the answer only when the API was asked for the very range it would lie in and did not show it.
// Cost:    one page for each run of ids that lie close together; where the API ignores filters, one reading of the study.
// Source:  ADR 0008, 0021.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "api/client.h"

namespace imednet::api {

// Those of `ids` (rising) that the API has. Throws ApiError as Client does.
std::vector<std::int64_t> records_still_there(Client& client, const std::string& study, std::span<const std::int64_t> ids);

}  // namespace imednet::api
