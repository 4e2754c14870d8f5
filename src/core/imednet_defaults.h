// imednet_defaults.h: what holds where nothing is said about the iMednet API, once for the SDK and for `config show`.
#pragma once

#include <chrono>
#include <string_view>

namespace imednet::core {

inline constexpr std::string_view kDefaultBaseUrl = "https://edc.prod.imednetapi.com";
inline constexpr std::chrono::seconds kDefaultTimeout{30};

}  // namespace imednet::core
