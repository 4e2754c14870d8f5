#include "sandbox/edc/order_answer.h"

#include "sandbox/edc/envelope.h"
#include "sandbox/edc/request_error.h"
#include "sandbox/edc/timestamps.h"

namespace imednet::sandbox::edc {
namespace {

const char* code_of(int status) {
  switch (status) {
    case 400:
      return kValidationFailed;
    case 401:
    case 403:
      return kNoPermission;
    default:
      return kServerError;
  }
}

std::string envelope_error(int status, std::string_view path) {
  return error_body(path, status, RequestError(status, code_of(status), "Refused by a sandbox order"));
}

void set_canned(Answer& answer, CannedBody canned, std::string_view path) {
  switch (canned) {
    case CannedBody::kNone:
      break;
    case CannedBody::kHtml:
      answer.content_type = "text/html";
      answer.body = "<!DOCTYPE html><html><head><title>Please wait</title></head><body><h1>Maintenance</h1></body></html>";
      break;
    case CannedBody::kEmptyObject:
      answer.body = "{}";
      break;
    case CannedBody::kErrorEnvelope:
      answer.body = envelope_error(500, path);
      break;
    case CannedBody::kNotJson:
      answer.body = R"({"metadata":{"status":"OK",)";
      break;
  }
}

}  // namespace

Answer ordered_answer(const OrderAction& action, std::string_view path) {
  Answer answer;
  answer.status = action.status.value_or(action.redirect_to ? 302 : 200);
  if (answer.status >= 400) {
    answer.body = envelope_error(answer.status, path);
  }
  set_canned(answer, action.canned, path);
  if (action.body) {
    answer.body = *action.body;
  }
  if (action.redirect_to) {
    answer.headers.emplace_back("Location", *action.redirect_to);
  }
  if (!action.retry_after.empty()) {
    answer.headers.emplace_back("Retry-After", action.retry_after);
  } else if (action.retry_after_date) {
    answer.headers.emplace_back("Retry-After", format_http_date(std::chrono::system_clock::now() + *action.retry_after_date));
  }
  return answer;
}

}  // namespace imednet::sandbox::edc
