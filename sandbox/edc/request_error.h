#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace imednet::sandbox::edc {

inline constexpr const char* kValidationFailed = "1000";
inline constexpr const char* kServerError = "9000";
inline constexpr const char* kNoPermission = "9001";

// A request that the API refuses, in the terms of its error envelope; attribute and value are empty where the API names none.
struct RequestError : std::runtime_error {
  RequestError(int http_status, std::string vendor_code, const std::string& description, std::string bad_attribute = {},
               std::string bad_value = {})
      : std::runtime_error(description),
        status(http_status),
        code(std::move(vendor_code)),
        attribute(std::move(bad_attribute)),
        value(std::move(bad_value)) {}

  int status;
  std::string code;
  std::string attribute;
  std::string value;
};

inline RequestError bad_value(const std::string& attribute, const std::string& value, const std::string& why) {
  return RequestError(400, kValidationFailed, why, attribute, value);
}

}  // namespace imednet::sandbox::edc
