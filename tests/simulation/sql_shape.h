// sql_shape.h: statements told apart by their whole text. A statement that differs in one word from the shapes the simulated
// warehouse knows has no meaning here, so a condition that goes missing from the product's SQL can't go unnoticed.
//
// Holes of a shape: {t} a quoted three-part name (given as A.B.C), {q} one quoted name, {s} a string, {i} a whole number, {*} any text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::simulation {

using Holes = std::vector<std::string>;

// What stands in the holes; nullopt: the text has another shape.
std::optional<Holes> match(std::string_view text, std::string_view shape);

// 'a', 'b' → a, b.
std::vector<std::string> read_strings(std::string_view list);
// (1, 'a', SYSDATE()), (…) → rows; a call stands as it is written.
std::vector<std::vector<std::string>> read_tuples(std::string_view text);
std::int64_t read_number(std::string_view text);

}  // namespace imednet::simulation
