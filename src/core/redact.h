// redact.h: takes secrets out of texts that others wrote (driver errors, API bodies) before anyone reads them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace imednet::core {

// Replaces URL queries, signatures, bearer and session tokens, passwords in key=value or JSON form, PEM blocks and
// e-mail-like user parts of URLs by "***", removes control characters, and cuts the text at `limit` bytes.
// Reads the first 4 KiB only; what was cut ends in "…".
std::string redact(std::string_view text, std::size_t limit = 600);

}  // namespace imednet::core
