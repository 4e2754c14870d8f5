// answer_kind.h: what the answers to a variable are, by its type.
//
// Rule:   spellings of a type are one when they have the same letters, whatever their case and what stands between them. A type that is not
//         known is text.
// Source: docs/formats/forms-layout.md ("Types"); iMednet REST API v1, variables (docs/api.md).
#pragma once

#include <cstdint>
#include <string_view>

namespace imednet::core {

// none: a layout item, which has no answer.
enum class AnswerKind : std::uint8_t { text, number, flag, date, moment, none };

AnswerKind answer_kind(std::string_view variable_type);
std::string_view kind_name(AnswerKind kind);

// Whether it is one of the types that are known, so that what its kind does not take is wrong.
bool is_known_type(std::string_view variable_type);
// Whether its dates may lack a day, a month, a year or the time.
bool takes_partial_dates(std::string_view variable_type);

}  // namespace imednet::core
