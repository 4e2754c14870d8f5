// record_json.h: records on their way to the API as the JSON that it takes.
#pragma once

#include <span>
#include <string>

#include "imednet/record_input.h"

namespace imednet::api {

// Throws ConfigurationError (invalid_argument) for what can't be sent.
std::string records_json(std::span<const RecordInput> records);

}  // namespace imednet::api
