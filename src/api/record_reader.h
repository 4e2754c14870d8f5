// record_reader.h: all records of a study in rising recordId order, proved complete.
//
// Where it stands: KeysetWalk → this → RecordView → {models, export}.   Memory: one page.
// Promise: next() returns null only when the records read were counted against what the API says it holds, asked after
//          reading: read = N(all) - N(> highest id at the start). Otherwise ApiError counts_differ: read again.
//          Records made after the start (ids above the highest) are left for the next run.
// Paging:  by key (recordId > last, 500 a page). An API that ignores the filter is found out by one question at the start
//          and then read by offset, with a second sweep that must find the same ids; so is a filter of the caller's that names
//          recordId or has an "or".
// Errors:  ApiError protocol: ids that do not rise, a page that comes again, an ignored sort.
// Source:  ADR 0008.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "api/client.h"
#include "api/record_questions.h"
#include "api/record_view.h"

namespace imednet::api {

struct ReadProof {
  std::int64_t expected = 0;  // while reading: the total at the start; after the end: asked after reading
  std::int64_t read = 0;
  std::int64_t first_id = 0, last_id = 0, highest_id = 0;
  std::int64_t requests = 0, pages = 0, bytes = 0;
  std::string method = "keyset";       // or "offset"
  std::string first_answer_timestamp;  // the API's own clock when the reading began
};

class RecordReader {
 public:
  // `limits` in place of the client's own stop.
  RecordReader(Client& client, std::string study, ListOptions options = {}, int page_size = kPageSize,
               std::optional<CallLimits> limits = std::nullopt);
  ~RecordReader();
  RecordReader(RecordReader&&) noexcept;
  RecordReader& operator=(RecordReader&&) noexcept;

  // What the study looks like before the first record; asked for now unless it was before.
  const StudyStart& start();
  // The next record, valid until the next call; null at the proved end.
  const RecordView* next();
  ReadProof proof() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imednet::api
