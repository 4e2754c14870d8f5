// html_text.h: texts and numbers as they may stand in the page of a run, whoever they come from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace imednet::pipeline {

// Fit for an element and for an attribute in double quotes: & < > " ' are escaped; what is no UTF-8 or a control character is U+FFFD.
std::string html_text(std::string_view text);

// The first `characters` of it with … for the rest; never cut inside a character. Not escaped yet.
std::string shortened(std::string_view text, std::size_t characters);

// A message as it may stand in a page that is passed on: ids of records are left out.
std::string without_record_ids(std::string_view message);

// 15,916
std::string grouped(std::int64_t number);
// 0.25 s · 12.3 s · 2 min 05 s · 1 h 02 min
std::string duration_text(double seconds);
// 512 B · 1.5 kB · 3.2 MB (powers of 1000)
std::string bytes_text(std::int64_t bytes);

}  // namespace imednet::pipeline
