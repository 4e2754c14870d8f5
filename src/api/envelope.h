// envelope.h: what stands around the elements of a page, read with simdjson and checked.
//
// Errors: ApiError protocol, to be tried again: not JSON, cut, not an envelope. Errors of the API itself: api_errors.h.
#pragma once

#include <string>
#include <string_view>

#include "api/api_errors.h"
#include "api/client.h"

namespace imednet::api {

// Takes a 200's body. The page has its data as a slice and its totals.
Page read_envelope(std::string body);

// metadata.error of any body; empty when there is none or it is not JSON.
ErrorEnvelope read_error(std::string_view body);

}  // namespace imednet::api
