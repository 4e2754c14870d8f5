// jobs.cc: records on their way to the API, and what became of them.
#include <fmt/format.h>
#include <simdjson.h>

#include "api/call.h"
#include "api/model_decode.h"
#include "api/record_json.h"
#include "core/retry.h"
#include "imednet/sdk.h"

namespace imednet {
namespace {

using errors::ErrorCode;

// Whatever else stands in a success, an error for example, would look like a job at which nothing more happens.
void require_job(const Job& job) {
  for (const char* name : {"jobId", "batchId", "state"}) {
    if (presence(job.raw, name) != Presence::absent) return;
  }
  throw simdjson::simdjson_error(simdjson::NO_SUCH_FIELD);
}

[[noreturn]] void throw_no_job(ErrorCode if_unreadable) {
  const bool is_doubt = if_unreadable == ErrorCode::in_doubt;
  throw errors::ApiError(
      is_doubt ? "cannot read what iMednet answers to the records sent: it is no job"
               : "cannot read a job from iMednet: the answer is no job",
      {.code = if_unreadable,
       .hint = is_doubt ? "look whether the records are there before they are sent again" : "report it to iMednet support",
       .retry = is_doubt ? errors::RetryClass::reconcile : errors::RetryClass::never,
       .origin = {.system = "imednet", .http_status = 200}});
}

// An object; a list of one; or a list of none, where all was done at once.
Job read_job(const std::string& body, bool may_be_done, ErrorCode if_unreadable) {
  Job job;
  try {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(body);
    simdjson::ondemand::document document = parser.iterate(padded);
    if (document.type() != simdjson::ondemand::json_type::array) {
      api::decode(simdjson::ondemand::object(document.get_object()), job);
      require_job(job);
      return job;
    }
    std::size_t count = 0;
    for (auto item : document.get_array()) {
      if (++count > 1) throw_no_job(if_unreadable);
      api::decode(simdjson::ondemand::object(item.get_object()), job);
      require_job(job);
    }
    if (count == 0 && !may_be_done) throw_no_job(if_unreadable);
    return job;
  } catch (const simdjson::simdjson_error&) {
    throw_no_job(if_unreadable);
  } catch (const errors::ApiError&) {
    if (if_unreadable == ErrorCode::in_doubt) throw_no_job(if_unreadable);
    throw;
  }
}

std::string checked(std::string_view text, std::string_view what) {
  if (text.find_first_not_of(" \t\r\n") != std::string_view::npos) return std::string(text);
  throw errors::ConfigurationError(fmt::format("cannot ask iMednet: the {} is empty", what), {.code = ErrorCode::invalid_argument});
}

}  // namespace

Job Records::create(std::string_view study_key, std::span<const RecordInput> records, const CreateOptions& options) const {
  const std::string study = checked(study_key, "study key");
  if (records.empty()) throw errors::ConfigurationError("cannot send records: none is given", {.code = ErrorCode::invalid_argument});
  const std::string text = api::records_json(records);
  api::Headers headers;
  if (!options.email_notify.empty()) headers.emplace_back("x-email-notify", options.email_notify);
  const api::Call call(*client_, options.call);
  return read_job(client_->post(fmt::format("/studies/{}/records", api::encode(study)), text, headers, call.limits()), true,
                  ErrorCode::in_doubt);
}

Job Jobs::get(std::string_view study_key, std::string_view batch_id, CallOptions call_options) const {
  const std::string study = checked(study_key, "study key"), batch = checked(batch_id, "batch id");
  const api::Call call(*client_, call_options);
  return read_job(client_->get_body(fmt::format("/studies/{}/jobs/{}", api::encode(study), api::encode(batch)), call.limits()), false,
                  ErrorCode::decode);
}

Job Jobs::poll_job(std::string_view study_key, std::string_view batch_id, const PollOptions& options) const {
  core::Clock& clock = client_->clock();
  const auto end = clock.now() + options.timeout;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.now());
    Job job = get(study_key, batch_id, {.stop = options.stop, .deadline = std::max(left, std::chrono::milliseconds(1))});
    if (job.is_terminal()) return job;
    if (clock.now() + options.interval >= end) {
      throw errors::ApiError(fmt::format("cannot wait for the job any longer: it is {} after {} s", job.state.value_or("without a state"),
                                         std::chrono::duration_cast<std::chrono::seconds>(options.timeout).count()),
                             {.code = ErrorCode::timeout,
                              .hint = "the job goes on: ask for it later, or allow more time",
                              .retry = errors::RetryClass::backoff,
                              .origin = {.system = "imednet"}});
    }
    const core::StopEither stop(client_->settings().stop, options.stop);
    if (!clock.sleep(options.interval, stop.token())) core::throw_cancelled();
  }
}

}  // namespace imednet
