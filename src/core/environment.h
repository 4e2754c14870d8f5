// environment.h: settings and secrets from the environment.
//
// Rule: surrounding white space is cut, a blank value counts as missing. A secret NAME may also come from the file that
//       NAME_FILE names, as container platforms mount them; both at once is a contradiction.
#pragma once

#include <string>
#include <string_view>

#include "imednet/secret.h"

namespace imednet::core {

// Empty when unset or blank.
std::string environment(const std::string& name);

// Reads NAME, else the file named by NAME_FILE, anew at each call, so a secret may rotate. Empty: neither is set.
// Throws ConfigurationError when both are set or the file can't be read; the message names variable and file only.
Secret secret_environment(const std::string& name);

// The secret in that file (core/secret_file.h), white space at its ends cut. `setting` is what named the file. Throws as above.
Secret read_secret_file(const std::string& setting, const std::string& path);

// Without white space at either end.
std::string_view trimmed(std::string_view text);

}  // namespace imednet::core
