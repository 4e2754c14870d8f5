// record_questions.h: what the API can be asked about the records of a study, one request each.
//
// Where it stands: Client → this → RecordReader, KeysetWalk, the plan of ranges.   Threads: any number.
// Errors: as Client; protocol for an answer that tells no total.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "api/client.h"
#include "imednet/sdk.h"

namespace imednet::api {

inline constexpr int kPageSize = 500;  // the most the API gives

// The API breaks its contract: nothing that can be read again would help.
[[noreturn]] void throw_protocol(const std::string& cause);
// What was read does not agree with what is asked about it: the study changed, and another reading may be whole.
[[noreturn]] void throw_counts_differ(const std::string& cause);

class RecordQuestions {
 public:
  // `limits` end requests in place of the client's own stop.
  RecordQuestions(Client& client, std::string study, ListOptions options, CallLimits limits);
  RecordQuestions(Client& client, std::string study, ListOptions options = {})
      : RecordQuestions(client, std::move(study), std::move(options), {.stop = client.settings().stop}) {}

  // The first `size` records above that id, in rising order; total_elements counts all above it.
  Page page_above(std::optional<std::int64_t> id, int size) const;
  // Records `number` * `size` and on, in rising order.
  Page page_at(std::int64_t number, int size) const { return ask("recordId,asc", number, size, std::nullopt); }
  // The record with the highest id.
  Page highest() const { return ask("recordId,desc", 0, 1, std::nullopt); }
  std::int64_t count_above(std::optional<std::int64_t> id) const { return page_above(id, 1).total_elements; }

  // An attribute may stand once in a filter. (An "or" in it binds weaker than the term added and so shows as not honoured.)
  bool can_add_to_filter() const { return options_.filter.find("recordId") == std::string::npos; }
  const std::string& study() const noexcept { return study_; }
  const std::stop_token& stop() const noexcept { return limits_.stop; }
  // The same questions, ended by `stop` instead.
  RecordQuestions with_stop(std::stop_token stop) const { return {client_, study_, options_, {std::move(stop), limits_.end}}; }
  Client& client() const noexcept { return client_; }

 private:
  Page ask(std::string_view sort, std::int64_t number, int size, std::optional<std::int64_t> above) const;

  Client& client_;
  std::string study_;
  ListOptions options_;
  CallLimits limits_;
};

// The id of the only record of a page; nullopt when there is none.
std::optional<std::int64_t> only_id(const Page& page);

// What a study looks like before its records are read.
struct StudyStart {
  std::int64_t records = 0;                  // that the API says it holds
  std::optional<std::int64_t> highest_id{};  // nullopt: there is no record
  bool is_keyset = false;                    // filter and sort are honoured, so pages can be asked for by key
  std::string timestamp{};                   // the API's own time of the first answer
  std::int64_t bytes = 0;                    // of the answers
};

// Finds the highest id and whether the API honours filter and sort at all: two requests, or more where records are made meanwhile.
StudyStart start_study(const RecordQuestions& questions);

}  // namespace imednet::api
