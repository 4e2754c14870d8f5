// answer_cursor.h: walks the answers of one record: the members of its recordData, as they were sent.
//
// Where it stands: RecordView::record_data → this → typed columns.   Owner: views are valid until the next open().
// Promise: what is no JSON object is told, never skipped; a text whose escapes are broken is a `broken` answer with its exact
//          bytes in `raw`.
// Source:  docs/api.md ("recordData").
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace imednet::api {

enum class AnswerForm : std::uint8_t { null, text, number, boolean, nested, broken };

struct Answer {
  std::string_view key;      // unescaped; what stands between the quotes when its escapes are broken
  std::string_view raw_key;  // as sent, without its quotes
  std::string_view raw;      // the value's exact JSON text
  std::string_view text;     // a string unescaped; else the value's JSON text; empty for null
  AnswerForm form = AnswerForm::null;
};

class AnswerCursor {
 public:
  AnswerCursor();
  ~AnswerCursor();
  AnswerCursor(AnswerCursor&&) noexcept;
  AnswerCursor& operator=(AnswerCursor&&) noexcept;

  // All answers of one recordData, in the order sent. False: it is no JSON object; `answers()` is empty then.
  bool open(std::string_view record_data);
  const std::vector<Answer>& answers() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::api
