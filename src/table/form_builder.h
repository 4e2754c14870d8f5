// form_builder.h: records of one form in, Arrow record batches of its typed layout out.
//
// Where it stands: staged row → this → staged file of the form.   Owner: copies what it needs.
// Promise: every answer is in its column as it was sent, or in `_raw` or `_extra` as the exact JSON text; but an empty text for a column
// that
//          is no text is null, and answers that are left out (blinded, not chosen) are nowhere.
// Source:  docs/formats/forms-layout.md.
#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "table/form_layout.h"

namespace imednet::table {

struct RecordRow;

// How the answers to one variable fared.
struct AnswerCounts {
  std::int64_t answered = 0;  // neither missing nor null nor ""
  std::int64_t misfits = 0;   // of these: null in the typed column, since they are no value of its type
  std::int64_t exact = 0;     // typed, and the exact text in `_raw` as well, since the column alone would not give it back
  std::string key{};          // as the first record spelled it
};

struct FormCounts {
  std::vector<AnswerCounts> columns;  // as FormLayout::columns()
  std::int64_t rows = 0;
  std::int64_t unreadable = 0;  // records whose answers are no JSON object: all of it is in `_raw`
  std::int64_t extra = 0;       // answers in `_extra`
};

class FormBuilder {
 public:
  explicit FormBuilder(const FormLayout& form);  // outlives it
  ~FormBuilder();
  FormBuilder(FormBuilder&&) noexcept;
  FormBuilder& operator=(FormBuilder&&) noexcept;

  void append(const RecordRow& row);
  std::int64_t rows() const;  // since the last finish()
  std::size_t bytes() const;  // about what they hold in memory
  // The rows since the last call; may be none.
  std::shared_ptr<arrow::RecordBatch> finish();
  const FormCounts& counts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::table
