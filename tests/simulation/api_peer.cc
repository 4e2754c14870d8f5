#include "simulation/api_peer.h"

#include <fmt/format.h>

#include <algorithm>

#include "imednet/errors.h"
#include "sandbox/edc/list_request.h"
#include "sandbox/edc/query_string.h"

namespace imednet::simulation {
namespace {

namespace edc = sandbox::edc;
using errors::ErrorCode;
using errors::RetryClass;

constexpr std::int64_t kSlow = 29'000;

[[noreturn]] void broken(const char* cause, ErrorCode code) { throw errors::ApiError(cause, {.code = code, .retry = RetryClass::backoff}); }

std::string error_body(const char* code) {
  return fmt::format(
      R"({{"metadata":{{"status":"INTERNAL_SERVER_ERROR","path":"/x","timestamp":"2026-05-28 20:26:41","error":{{"code":"{}","description":"fault","field":{{}}}}}}}})",
      code);
}

http::Response wait_asked(const std::string& how) {
  http::Response response{.status = 429, .body = error_body("9000")};
  if (!how.empty()) response.headers = {{"retry-after", how}};
  return response;
}

// In place of the API's own answer.
std::optional<http::Response> canned(const std::string& fault) {
  if (fault == "api-429") return wait_asked("");
  if (fault == "api-429-seconds") return wait_asked("7");
  if (fault == "api-429-date") return wait_asked("Thu, 28 May 2026 20:27:10 GMT");
  if (fault == "api-429-negative") return wait_asked("-5");
  if (fault == "api-429-year") return wait_asked("31536000");
  if (fault == "api-500") return http::Response{.status = 500, .body = error_body("9000")};
  if (fault == "api-503-burst") return http::Response{.status = 503, .body = "<html>busy</html>"};
  if (fault == "api-401") return http::Response{.status = 401, .body = error_body("9001")};
  if (fault == "api-html") return http::Response{.status = 200, .body = "<html><body>maintenance</body></html>"};
  if (fault == "api-empty-object") return http::Response{.status = 200, .body = "{}"};
  if (fault == "api-empty-body") return http::Response{.status = 200};
  if (fault == "api-error-in-200") return http::Response{.status = 200, .body = error_body("9000")};
  return std::nullopt;
}

}  // namespace

http::Response ApiPeer::send(const http::Request& request, const std::stop_token& stop) {
  world_.step("request", world_.random.between(20, 400));
  if (stop.stop_requested()) throw errors::ApiError("the request was stopped", {.code = ErrorCode::cancelled});
  const Fault* fault = world_.fault_at("request");
  const std::string name = fault != nullptr ? fault->name : "";
  world_.trace(fmt::format("{} GET {} {}", World::current()->name, request.url.substr(request.url.find('?') + 1), name));
  if (name.starts_with("study-")) change_study(name);
  if (name == "api-down") is_down_ = true;
  if (is_down_) return {.status = 500, .body = error_body("9000")};
  if (name == "api-refused") broken("no connection", ErrorCode::unavailable);
  if (name == "api-timeout") {
    world_.wait(request.timeout.count());
    broken("no answer in time", ErrorCode::timeout);
  }
  if (name == "api-slow") world_.wait(std::min<std::int64_t>(kSlow, request.timeout.count()));
  if (name == "api-cut-body") broken("the answer was cut off", ErrorCode::protocol);
  if (auto instead = canned(name)) return *instead;
  http::Response response{.status = 200, .body = list(request.url.substr(request.url.find('?') + 1), fault)};
  if (name == "api-repeat-page" && !former_body_.empty()) response.body = former_body_;
  former_body_ = response.body;
  if (name == "api-truncated") response.body.resize(response.body.size() * 2 / 3);
  if (name == "api-bom") response.body.insert(0, "\xEF\xBB\xBF");
  if (name == "api-nan") response.body.insert(response.body.rfind("}"), R"(,"x":NaN)");
  if (static_cast<std::int64_t>(response.body.size()) > request.max_body_bytes)
    throw http::BodyTooLarge("the answer is larger than allowed", {.code = ErrorCode::protocol});
  return response;
}

void ApiPeer::change_study(const std::string& fault) {
  if (fault == "study-insert") study_.insert();
  if (fault == "study-update") study_.update();
  if (fault == "study-vanish") study_.vanish();
}

const edc::StoredTable& ApiPeer::table() {
  if (table_ && edition_ == study_.edition()) return *table_;
  std::vector<edc::Row> rows;
  rows_.clear();
  for (const auto& [id, versions] : study_.records()) {
    Version& last = *versions.back();
    if (last.json.empty() || hides_all_ || last.form == hidden_form_) continue;
    rows.push_back({last.json, nullptr});
    rows_.push_back(&last);
  }
  table_ = std::make_unique<edc::StoredTable>(*edc::find_resource("records"), std::move(rows));
  edition_ = study_.edition();
  return *table_;
}

std::string ApiPeer::list(const std::string& query, const Fault* fault) {
  const std::string name = fault != nullptr ? fault->name : "";
  if (name == "api-ignore-filter") ignores_filter_ = true;
  if (name == "api-hides-all" || name == "api-hides-form") {
    hides_all_ = hides_all_ || name == "api-hides-all";
    if (name == "api-hides-form") hidden_form_ = "AE";
    edition_ = -1;
  }
  const edc::StoredTable& rows = table();
  edc::ListRequest wish = edc::parse_list_request(edc::QueryString(query), rows.resource());
  if (ignores_filter_) wish.query.filter = {};
  const auto selection = edc::select_rows(rows, wish.query);
  const std::size_t first = std::min(wish.page * wish.size, selection->size());
  const std::size_t last = std::min(first + wish.size, selection->size());
  std::string data;
  for (std::size_t place = first; place < last; ++place) {
    const std::size_t rank = selection->rank_at(name == "api-ignore-sort" ? selection->size() - 1 - place : place);
    data += data.empty() ? "" : ",";
    rows.append_row(rank, data);
    rows_[rank]->is_shown = true;
  }
  auto total = static_cast<std::int64_t>(selection->size());
  if (name == "api-total-high") total += 2;
  if (name == "api-total-low") total = std::max<std::int64_t>(0, total - 1);
  return fmt::format(
      R"({{"metadata":{{"status":"OK","method":"GET","path":"/api/v1/edc/studies/{}/records","timestamp":"{}","error":{{}}}},)"
      R"("pagination":{{"currentPage":{},"size":{},"totalPages":{},"totalElements":{},"sort":[{{"property":"recordId","direction":"ASC"}}]}},"data":[{}]}})",
      kStudy, world_.stamp(world_.now()), wish.page, wish.size,
      (total + static_cast<std::int64_t>(wish.size) - 1) / static_cast<std::int64_t>(wish.size), total, data);
}

}  // namespace imednet::simulation
