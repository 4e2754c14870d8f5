// record_cursor.h: walks the records of one page, the only decoder of records there is (ADR 0013).
//
// Where it stands: Page → this → RecordView.   Owner: refers to the page, which must outlive it; a view is valid until next().
// Errors: ApiError decode naming the field and the record (by id, or by the id of the record before it), never a value.
#pragma once

#include <cstdint>
#include <memory>

#include "api/client.h"
#include "api/record_view.h"

namespace imednet::api {

class RecordCursor {
 public:
  RecordCursor();
  ~RecordCursor();
  RecordCursor(RecordCursor&&) noexcept;
  RecordCursor& operator=(RecordCursor&&) noexcept;

  // Starts on a page. Its memory is reused from page to page.
  void open(const Page& page);
  // The next record, or null after the last.
  const RecordView* next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::api
