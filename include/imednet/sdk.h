// sdk.h: the iMednet API as lazy lists, for anyone who reads a study.
//
//   imednet::ImednetSDK sdk;                                  // keys from the environment
//   for (const imednet::Record& record : sdk.records().list("MY_STUDY")) { … }
//
// Where it stands: the API → this → whoever reads a study; iter_batches → a sink.
// Threads: one SDK may be used by many threads at the same time; they share connections and the pace of requests. A list is for one thread.
// Errors:  ConfigurationError: a key is missing (names its variable) or a setting can't be used, before any request.
//          ApiError: unauthenticated (wrong keys), permission_denied (often a wrong study key), not_found, rate_limited,
//          unavailable and timeout (retries ran out, or a deadline; safe to run again), protocol and decode (the answer broke the
//          API's contract), counts_differ (the study changed while it was read; run again), cancelled.
//          FilterError for a filter that can't be said (filters.h).
// Source:  iMednet REST API v1 (docs/api.md); paging: ADR 0008.
#pragma once

#include <chrono>
#include <filesystem>
#include <iterator>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/call_options.h"
#include "imednet/errors.h"
#include "imednet/models.h"
#include "imednet/record_input.h"
#include "imednet/retry.h"
#include "imednet/secret.h"

namespace imednet {

// Settings; what is left empty comes from the environment, then from the default.
struct SdkConfig {
  Secret api_key{};                      // IMEDNET_API_KEY; required
  Secret security_key{};                 // IMEDNET_SECURITY_KEY; required
  std::string base_url{};                // IMEDNET_BASE_URL; default https://edc.prod.imednetapi.com
  std::chrono::milliseconds timeout{0};  // of one attempt; IMEDNET_TIMEOUT in seconds; default 30 s
  RetryPolicy retry{};                   // of every GET
  std::stop_token stop{};                // cancels waits and transfers
  std::string rate{};                    // requests allowed: "100/min,1000/h", "presumed" (that very rate), or "auto": none is known, and a
                                         // refusal for too many halves the rate in force; IMEDNET_RATE; default auto
  std::filesystem::path rate_file{};     // shares the rate among processes of this machine that name the same file; IMEDNET_RATE_FILE
};

// One element after the other, from pages fetched when they are needed.
template <class Element>
class ElementSource {
 public:
  virtual ~ElementSource() = default;
  // Fills `element` and returns true, or returns false after the last one. Throws ApiError.
  virtual bool next(Element& element) = 0;
};

// A single-pass input range. The element referred to by an iterator lives until the iterator is advanced; copy or move it
// to keep it. An error is thrown from begin() or ++; everything yielded before it is valid, but the list is incomplete.
// Reaching end() means that the list was proved complete.
template <class Element>
class ResultRange {
 public:
  // A C++20 input iterator over the elements.
  class iterator {
   public:
    using value_type = Element;
    using difference_type = std::ptrdiff_t;
    iterator() = default;
    explicit iterator(ResultRange* range) : range_(range) {}
    Element& operator*() const { return range_->current_; }
    Element* operator->() const { return &range_->current_; }
    iterator& operator++() {
      range_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return range_ == nullptr || range_->done_; }

   private:
    ResultRange* range_ = nullptr;
  };

  // Lists make these; a source of your own serves for tests.
  explicit ResultRange(std::unique_ptr<ElementSource<Element>> source) : source_(std::move(source)) {}
  ResultRange(ResultRange&&) noexcept = default;
  ResultRange& operator=(ResultRange&&) noexcept = default;

  // Fetches the first page. May be called once.
  iterator begin() {
    advance();
    return iterator(this);
  }
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  void advance() { done_ = !source_->next(current_); }
  std::unique_ptr<ElementSource<Element>> source_;
  Element current_{};
  bool done_ = false;
};

// What to list and in which order; all, by rising id, when nothing is said.
struct ListOptions {
  std::string filter{};              // the API's filter text, unencoded, or a filter of filters.h; empty: all
  std::string record_data_filter{};  // the same in recordData; records only
  std::vector<std::string> sort{};   // "<attribute>,asc" or "<attribute>,desc", the first counts most; the id comes last by itself
  int page_size = 500;               // elements a request, 1 to 500
  bool include_inactive = false;     // users only: those who may not see the study any more as well
  CallOptions call{};                // of the whole list
};

namespace api {
class Client;
}

// What an element of a resource is known by: a number, or for studies, codings and users a text.
template <class Element>
struct IdOf {
  using Type = std::int64_t;  // most are numbers
};
// A coding's codingId, which is a number at some tenants and a text at others.
template <>
struct IdOf<Coding> {
  using Type = std::string_view;  // as it is written in a filter
};
// A user's userId.
template <>
struct IdOf<User> {
  using Type = std::string_view;  // a UUID
};

// One resource of a study, for example sdk.sites(). Keeps the client alive.
template <class Element>
class StudyResource {
 public:
  // The SDK makes these.
  explicit StudyResource(std::shared_ptr<api::Client> client) : client_(std::move(client)) {}
  // All elements, lazily. No request is made before begin().
  ResultRange<Element> list(std::string_view study_key, ListOptions options = {}) const;
  // The same, read to the end: every element is in memory.
  std::vector<Element> collect(std::string_view study_key, ListOptions options = {}) const;
  // The element with that id. Throws ApiError not_found when the study has none.
  Element get(std::string_view study_key, typename IdOf<Element>::Type id, CallOptions call = {}) const;

 protected:
  std::shared_ptr<api::Client> client_;  // shared by all that the SDK made
};

// The studies these keys may see.
class Studies {
 public:
  // The SDK makes this.
  explicit Studies(std::shared_ptr<api::Client> client) : client_(std::move(client)) {}
  // All of them, lazily. No request is made before begin().
  ResultRange<Study> list(ListOptions options = {}) const;
  // The same, read to the end.
  std::vector<Study> collect(ListOptions options = {}) const;
  // The study with that key. Throws ApiError not_found when these keys see none.
  Study get(std::string_view study_key, CallOptions call = {}) const;

 private:
  std::shared_ptr<api::Client> client_;
};

// Subjects of a study.
class Subjects : public StudyResource<Subject> {
 public:
  using StudyResource::StudyResource;
  // Those of one site, lazily; `options.filter` must not name siteId.
  ResultRange<Subject> list_by_site(std::string_view study_key, std::int64_t site_id, ListOptions options = {}) const;
};

// Records of a study.
class Records : public StudyResource<Record> {
 public:
  using StudyResource::StudyResource;
  // Sends records (record_input.h) as one request, and says under which job the API works on them. Not sent again but after a refusal for
  // too many requests: where no answer came, ApiError in_doubt says that they may have arrived.
  Job create(std::string_view study_key, std::span<const RecordInput> records, const CreateOptions& options = {}) const;
};

// How to wait for a job.
struct PollOptions {
  std::chrono::milliseconds interval{5'000};   // between two questions
  std::chrono::milliseconds timeout{300'000};  // of all of it
  std::stop_token stop{};                      // gives up waiting: cancelled; the job goes on
};

// What became of records that were sent.
class Jobs {
 public:
  // The SDK makes this.
  explicit Jobs(std::shared_ptr<api::Client> client) : client_(std::move(client)) {}
  // The job as it stands.
  Job get(std::string_view study_key, std::string_view batch_id, CallOptions call = {}) const;
  // The job when nothing more happens to it, however it ended: ask Job::has_failed(). Throws ApiError timeout after options.timeout.
  Job poll_job(std::string_view study_key, std::string_view batch_id, const PollOptions& options = {}) const;

 private:
  std::shared_ptr<api::Client> client_;
};

// The door to one iMednet account: keys, address and connection, shared by all lists made from it.
class ImednetSDK {
 public:
  // Reads the environment; makes no request. Throws ConfigurationError.
  explicit ImednetSDK(const SdkConfig& config = {});
  // Over a client that was made elsewhere, for example with another transport.
  static ImednetSDK over(std::shared_ptr<api::Client> client);

  Studies studies() const { return Studies(client_); }                                    // the studies these keys may see
  StudyResource<Site> sites() const { return StudyResource<Site>(client_); }              // sites of a study
  StudyResource<Form> forms() const { return StudyResource<Form>(client_); }              // its forms
  StudyResource<Interval> intervals() const { return StudyResource<Interval>(client_); }  // its intervals
  StudyResource<Variable> variables() const { return StudyResource<Variable>(client_); }  // its variables
  Subjects subjects() const { return Subjects(client_); }                                 // its subjects
  StudyResource<Visit> visits() const { return StudyResource<Visit>(client_); }           // visits of its subjects
  Records records() const { return Records(client_); }                                    // its records
  StudyResource<RecordRevision> record_revisions() const { return StudyResource<RecordRevision>(client_); }  // who changed them
  StudyResource<Query> queries() const { return StudyResource<Query>(client_); }                             // what was asked about them
  StudyResource<Coding> codings() const { return StudyResource<Coding>(client_); }                           // how answers were coded
  StudyResource<User> users() const { return StudyResource<User>(client_); }                                 // who may see the study
  Jobs jobs() const { return Jobs(client_); }                                                                // what became of what was sent

  // For the export pipeline: the client all of the above share.
  const std::shared_ptr<api::Client>& client() const noexcept { return client_; }

 private:
  struct Made {};
  ImednetSDK(Made, std::shared_ptr<api::Client> client) : client_(std::move(client)) {}
  std::shared_ptr<api::Client> client_;
};

}  // namespace imednet
