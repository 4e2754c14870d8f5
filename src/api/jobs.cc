// jobs.cc: records on their way to the API, and what became of them.
#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "api/call.h"
#include "api/model_decode.h"
#include "api/record_json.h"
#include "core/redact.h"
#include "core/retry.h"
#include "imednet/sdk.h"

namespace imednet {
namespace {

using errors::ErrorCode;

[[noreturn]] void throw_no_job(ErrorCode code) {
  if (code == ErrorCode::in_doubt)
    throw errors::ApiError("cannot read what iMednet answers to the records sent: it is no job",
                           {.code = code,
                            .hint = "look whether the records are there before they are sent again",
                            .retry = errors::RetryClass::reconcile,
                            .origin = {.system = "imednet", .http_status = 200}});
  throw errors::ApiError("cannot read a job from iMednet: the answer is no job",
                         {.code = code, .hint = "report it to iMednet support", .origin = {.system = "imednet", .http_status = 200}});
}

// An object that has none of a job's names is none: an error that comes as a success has not.
void read_one(simdjson::ondemand::object object, Job& job) {
  api::decode(object, job);
  const auto is_there = [&](std::string_view name) { return presence(job.raw, name) != Presence::absent; };
  if (!is_there("jobId") && !is_there("batchId") && !is_there("state")) throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
}

// An object; a list of one; or a list of none, where all was done at once.
Job read_job(const std::string& body, bool may_be_done, ErrorCode if_unreadable) {
  Job job;
  try {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(body);
    simdjson::ondemand::document document = parser.iterate(padded);
    if (document.type() != simdjson::ondemand::json_type::array) {
      read_one(document.get_object(), job);
      return job;
    }
    std::size_t count = 0;
    for (auto item : document.get_array()) {
      if (++count > 1) throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
      read_one(item.get_object(), job);
    }
    if (count == 0 && !may_be_done) throw simdjson::simdjson_error(simdjson::INCORRECT_TYPE);
    return job;
  } catch (const simdjson::simdjson_error&) {
    throw_no_job(if_unreadable);
  } catch (const errors::ApiError&) {  // a member that is not what it should be
    if (if_unreadable != ErrorCode::in_doubt) throw;
    throw_no_job(if_unreadable);
  }
}

std::string checked(std::string_view text, std::string_view what) {
  if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) return std::string(text);
  throw errors::ConfigurationError(fmt::format("cannot ask iMednet: the {} is empty", what), {.code = ErrorCode::invalid_argument});
}

// It goes into a header as it is.
std::string checked_address(const std::string& address) {
  const bool is_plain = std::ranges::all_of(address, [](char c) { return c > ' ' && c <= '~'; });
  const auto at = address.find('@');
  if (is_plain && at != std::string::npos && at > 0 && at + 1 < address.size()) return address;
  throw errors::ConfigurationError("cannot send records: the address to be told is no e-mail address",
                                   {.code = ErrorCode::invalid_argument, .hint = "name@example.org"});
}

}  // namespace

Job Records::create(std::string_view study_key, std::span<const RecordInput> records, const CreateOptions& options) const {
  const std::string study = checked(study_key, "study key");
  if (records.empty()) throw errors::ConfigurationError("cannot send records: none is given", {.code = ErrorCode::invalid_argument});
  const std::string text = api::records_json(records);
  api::Headers headers;
  if (!options.email_notify.empty()) headers.emplace_back("x-email-notify", checked_address(options.email_notify));
  const api::Call call(*client_, options.call);
  return read_job(client_->post(fmt::format("/studies/{}/records", api::encode(study)), text, headers, call.limits()), true,
                  ErrorCode::in_doubt);
}

// By value, as every call of the SDK takes them.
Job Jobs::get(std::string_view study_key, std::string_view batch_id, CallOptions call_options) const {  // NOLINT(performance-*)
  const std::string study = checked(study_key, "study key"), batch = checked(batch_id, "batch id");
  const api::Call call(*client_, call_options);
  return read_job(client_->get_body(fmt::format("/studies/{}/jobs/{}", api::encode(study), api::encode(batch)), call.limits()), false,
                  ErrorCode::decode);
}

Job Jobs::poll_job(std::string_view study_key, std::string_view batch_id, const PollOptions& options) const {
  using std::chrono::milliseconds;
  constexpr milliseconds kLastQuestion{1'000};  // the one at the end has that long
  core::Clock& clock = client_->clock();
  const auto end = clock.now() + options.timeout;
  for (;;) {
    const auto left = std::chrono::duration_cast<milliseconds>(end - clock.now());
    Job job = get(study_key, batch_id, {.stop = options.stop, .deadline = std::max(left, kLastQuestion)});
    if (job.is_terminal()) return job;
    const auto wait = std::min(options.interval, std::chrono::duration_cast<milliseconds>(end - clock.now()));
    if (wait.count() <= 0) {
      throw errors::ApiError(
          fmt::format("cannot wait for the job {} any longer: it is {} after {:.3g} s", core::redact(batch_id, 80),
                      core::redact(job.state.value_or("without a state"), 40), std::chrono::duration<double>(options.timeout).count()),
          {.code = ErrorCode::timeout,
           .hint = "the job goes on: ask for it later, or allow more time",
           .retry = errors::RetryClass::backoff,
           .origin = {.system = "imednet"}});
    }
    const core::StopEither stop(client_->settings().stop, options.stop);
    if (!clock.sleep(wait, stop.token())) core::throw_cancelled();
  }
}

}  // namespace imednet
