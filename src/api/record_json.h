// record_json.h: records on their way to the API as the JSON that it takes, and what none can be made of.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "imednet/record_checks.h"
#include "imednet/record_input.h"

namespace imednet::api {

// Why a record can't be sent to any study; `place`: among those given.
std::vector<RecordFinding> unsendable(const RecordInput& record, std::size_t place);

// Throws ConfigurationError (invalid_argument) for what can't be sent.
std::string records_json(std::span<const RecordInput> records);

}  // namespace imednet::api
