#include "core/answer_kind.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace imednet::core {
namespace {

struct Spelling {
  std::string_view letters;
  AnswerKind kind;
  bool is_partial = false;  // of a date
};
constexpr std::array kSpellings{
    Spelling{"TEXT", AnswerKind::text},
    Spelling{"STRING", AnswerKind::text},
    Spelling{"MEMO", AnswerKind::text},
    Spelling{"TEXTAREA", AnswerKind::text},
    Spelling{"RADIO", AnswerKind::text},
    Spelling{"CODED", AnswerKind::text},
    Spelling{"DROPDOWN", AnswerKind::text},
    Spelling{"UPLOAD", AnswerKind::text},
    Spelling{"FILE", AnswerKind::text},
    Spelling{"SIGNATURE", AnswerKind::text},
    Spelling{"NUMBER", AnswerKind::number},
    Spelling{"INT", AnswerKind::number},
    Spelling{"INTEGER", AnswerKind::number},
    Spelling{"FLOAT", AnswerKind::number},
    Spelling{"DECIMAL", AnswerKind::number},
    Spelling{"CHECKBOX", AnswerKind::flag},
    Spelling{"BOOL", AnswerKind::flag},
    Spelling{"BOOLEAN", AnswerKind::flag},
    Spelling{"DATE", AnswerKind::date},
    Spelling{"DATETIME", AnswerKind::moment},
    Spelling{"DATETIMEPRECISION", AnswerKind::moment, true},
    Spelling{"PRECISIONDATE", AnswerKind::moment, true},
    Spelling{"LABEL", AnswerKind::none},
    Spelling{"SEP", AnswerKind::none},
    Spelling{"TABLE", AnswerKind::none},
    Spelling{"EXTQUESTION", AnswerKind::none},
};

// nullptr: not known.
const Spelling* spelling_of(std::string_view variable_type) {
  std::string letters;
  for (const char c : variable_type) {
    if (c >= 'a' && c <= 'z') letters += static_cast<char>(c - 0x20);
    if (c >= 'A' && c <= 'Z') letters += c;
  }
  const auto found = std::ranges::find(kSpellings, letters, &Spelling::letters);
  return found == kSpellings.end() ? nullptr : &*found;
}

}  // namespace

AnswerKind answer_kind(std::string_view variable_type) {
  const Spelling* const spelling = spelling_of(variable_type);
  return spelling == nullptr ? AnswerKind::text : spelling->kind;
}

std::string_view kind_name(AnswerKind kind) {
  constexpr std::array<std::string_view, 6> kNames{"text", "number", "flag", "date", "datetime", "none"};
  return kNames[static_cast<std::size_t>(kind)];
}

bool is_known_type(std::string_view variable_type) { return spelling_of(variable_type) != nullptr; }

bool takes_partial_dates(std::string_view variable_type) {
  const Spelling* const spelling = spelling_of(variable_type);
  return spelling != nullptr && spelling->is_partial;
}

}  // namespace imednet::core
