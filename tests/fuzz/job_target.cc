// What the API answers about a job: the job that another reader sees in it, or an error that says so; sent records stay in doubt.
#include <functional>
#include <memory>

#include "api/client.h"
#include "core/clock.h"
#include "fuzz/json_opinion.h"
#include "fuzz/target.h"
#include "http/transport.h"
#include "imednet/errors.h"
#include "imednet/sdk.h"

namespace imednet::fuzz {
namespace {

using namespace std::string_view_literals;

// Answers everything with the input.
class OneAnswer final : public http::Transport {
 public:
  explicit OneAnswer(const std::string& body) : body_(body) {}
  http::Response send(const http::Request&, const std::stop_token&) override { return {.status = 200, .headers = {}, .body = body_}; }

 private:
  const std::string& body_;
};

std::string& answer() {
  static std::string body;
  return body;
}

const std::shared_ptr<api::Client>& client() {
  static const auto instance = std::make_shared<api::Client>(
      api::ClientSettings{.api_key = "made-up", .security_key = "made-up", .base_url = "https://edc.example.org"},
      std::make_unique<OneAnswer>(answer()), core::system_clock(), [] { return 0.5; });
  return instance;
}

bool is_job(const json& value) {
  return value.is_object() && (value.contains("jobId") || value.contains("batchId") || value.contains("state"));
}

// The object that is the job; null: there is none. `may_be_none`: an empty list stands for work that is done.
json job_in(const json& value, bool may_be_none) {
  if (is_job(value)) return value;
  if (value.is_array() && value.size() == 1 && is_job(value[0])) return value[0];
  return value == json::array() && may_be_none ? json::object() : json();
}

bool is_readable(const json& job) {
  for (const char* name : {"jobId", "batchId", "state", "dateCreated", "dateStarted", "dateFinished", "resultUrl"}) {
    if (job.contains(name) && job[name].is_structured()) return false;
  }
  return id_of(job.contains("progress") ? job["progress"] : json()).is_readable;
}

void check(const Document& document, bool sent, const std::function<Job()>& ask) {
  Job job;
  try {
    job = ask();
  } catch (const errors::ApiError& error) {
    const json said = job_in(document.value, sent);
    require(!document.is_settled() || said.is_null() || !is_readable(said), "a job is read");
    require(error.code() == errors::ErrorCode::decode || (sent && error.code() == errors::ErrorCode::in_doubt), "what is no job is told");
    if (sent) require(error.detail().retry == errors::RetryClass::reconcile, "what may have been taken is never sent again blindly");
    return;
  }
  if (!document.is_settled()) return;
  const json said = job_in(document.value, sent);
  require(!said.is_null() && is_readable(said), "what is no job is refused");
  Judge judged(said, /*compares=*/true);
  judged("jobId", job.job_id)("batchId", job.batch_id)("state", job.state)("dateCreated", job.date_created)("progress", job.progress);
  judged("dateStarted", job.date_started)("dateFinished", job.date_finished)("resultUrl", job.result_url);
  const std::string state = job.state.value_or("");
  require(job.is_terminal() || !job.has_failed(), "what has failed has ended");
  require(!state.empty() || job.is_terminal() == job.batch_id.value_or("").empty(), "without a state and a batch all was done at once");
}

void run(std::string_view input) {
  answer() = input;
  const Document document = read_document(input);
  check(document, false, [] { return Jobs(client()).get("S", "b"); });
  static const std::vector<RecordInput> kRecords = {new_record("AE", "1", {{"A", "1"}})};
  check(document, true, [] { return Records(client()).create("S", kRecords); });
}

}  // namespace

Target job_target() {
  return {run,
          {"{\"jobId\":\"j\",\"batchId\":\"b\",\"state\":\"created\"}"sv, "{\"state\":\"\",\"batchId\":null}"sv,
           "{\"state\":\"FAILED\",\"progress\":\"100\",\"dateFinished\":null}"sv, "["sv, "]"sv, "{"sv, "}"sv, ","sv, "[]"sv, "\"state\":"sv,
           "\"completed\""sv, "\"batchId\":"sv, "\"progress\":"sv, "{\"metadata\":{\"error\":{\"code\":\"9001\"}}}"sv, "1.5"sv, "7"sv,
           "null"sv, "{}"sv, "\"\""sv},
          15'000};
}

}  // namespace imednet::fuzz
