#pragma once

#include <string>

namespace imednet::sandbox::snowflake {

// Takes as long whatever differs.
bool same_secret(const std::string& left, const std::string& right);

// SHA-256 in hexadecimal: what is kept of a secret that is shown once.
std::string digest_of(const std::string& secret);

}  // namespace imednet::sandbox::snowflake
