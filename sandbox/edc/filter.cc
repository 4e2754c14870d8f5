#include "sandbox/edc/filter.h"

#include <array>
#include <optional>
#include <set>

#include "sandbox/edc/request_error.h"

namespace imednet::sandbox::edc {
namespace {

enum class Connective { kAnd, kOr };

struct Spelling {
  std::string_view text;
  Comparison comparison;
};

// Longer spellings first, so that `<=` is not read as `<`.
constexpr std::array kComparisons{Spelling{"<=", Comparison::kLessOrEqual}, Spelling{">=", Comparison::kGreaterOrEqual},
                                  Spelling{"==", Comparison::kEqual},       Spelling{"!=", Comparison::kNotEqual},
                                  Spelling{"=~", Comparison::kContains},    Spelling{"<", Comparison::kLess},
                                  Spelling{">", Comparison::kGreater}};

struct ConnectiveSpelling {
  std::string_view text;
  Connective connective;
};

constexpr std::array kConnectives{ConnectiveSpelling{";", Connective::kAnd}, ConnectiveSpelling{",", Connective::kOr},
                                  ConnectiveSpelling{" and ", Connective::kAnd}, ConnectiveSpelling{" or ", Connective::kOr}};

class FilterParser {
 public:
  FilterParser(std::string_view text, FilterDialect dialect) : text_(text), dialect_(dialect) {}

  Filter parse() {
    Filter filter{{{}}, std::string(text_)};
    filter.any_of.back().push_back(take_term());
    while (at_ < text_.size()) {
      if (take_connective() == Connective::kOr) {
        filter.any_of.emplace_back();
      }
      filter.any_of.back().push_back(take_term());
    }
    return filter;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw bad_value(parameter_name(dialect_), std::string(text_), why); }

  Term take_term() {
    Term term;
    term.attribute = take_attribute();
    term.comparison = take_comparison();
    term.value = take_value();
    return term;
  }

  std::string take_attribute() {
    const std::size_t end = text_.find_first_of("<>=!;,\"", at_);
    if (end == std::string_view::npos || end == at_ || std::string_view("<>=!").find(text_[end]) == std::string_view::npos) {
      refuse("attribute and operator expected at position " + std::to_string(at_));
    }
    std::string name(text_.substr(at_, end - at_));
    if (name.front() == ' ' || name.back() == ' ') {
      refuse("white space around an operator or attribute");
    }
    if (!seen_.insert(name).second) {
      refuse("attribute " + name + " is used twice");
    }
    at_ = end;
    return name;
  }

  Comparison take_comparison() {
    for (const auto& [spelling, comparison] : kComparisons) {
      if (text_.substr(at_, spelling.size()) != spelling) {
        continue;
      }
      if (comparison == Comparison::kContains && dialect_ != FilterDialect::kRecordData) {
        refuse("=~ is for recordDataFilter only");
      }
      at_ += spelling.size();
      return comparison;
    }
    refuse("unknown operator at position " + std::to_string(at_));
  }

  std::string take_value() {
    if (at_ < text_.size() && text_[at_] == '"') {
      return take_quoted();
    }
    std::size_t end = text_.size();
    for (const auto& spelling : kConnectives) {
      end = std::min(end, text_.find(spelling.text, at_));
    }
    const std::string_view value = text_.substr(at_, end - at_);
    if (value.empty() || value.front() == ' ' || value.back() == ' ') {
      refuse("a value is missing, or has white space around it, at position " + std::to_string(at_));
    }
    if (value.find_first_of("\"<>=") != std::string_view::npos) {
      refuse("a value with \", <, > or = must be quoted");
    }
    at_ = end;
    return std::string(value);
  }

  std::string take_quoted() {
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
        value += text_[++at_];
      } else if (text_[at_] == '"') {
        ++at_;
        return value;
      } else {
        value += text_[at_];
      }
    }
    refuse("a quoted value does not end");
  }

  Connective take_connective() {
    for (const auto& [spelling, connective] : kConnectives) {
      if (text_.substr(at_, spelling.size()) == spelling) {
        at_ += spelling.size();
        check_mixing(connective);
        return connective;
      }
    }
    refuse("; or , expected at position " + std::to_string(at_));
  }

  void check_mixing(Connective connective) {
    if (dialect_ == FilterDialect::kRecordData && first_connective_.value_or(connective) != connective) {
      refuse("; and , must not be mixed");
    }
    first_connective_ = connective;
  }

  std::string_view text_;
  FilterDialect dialect_;
  std::size_t at_ = 0;
  std::set<std::string> seen_;
  std::optional<Connective> first_connective_;
};

}  // namespace

const char* parameter_name(FilterDialect dialect) { return dialect == FilterDialect::kRecordData ? "recordDataFilter" : "filter"; }

Filter parse_filter(std::string_view text, FilterDialect dialect) { return text.empty() ? Filter{} : FilterParser(text, dialect).parse(); }

}  // namespace imednet::sandbox::edc
