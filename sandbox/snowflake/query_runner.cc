#include "query_runner.h"

#include <chrono>

#include "executor.h"
#include "result_json.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kAnswerAtOnceFor{45};

std::string in_progress(const QueryRecord& record, bool asynchronous) {
  const Json data = {{"queryId", record.id},
                     {"getResultUrl", "/queries/" + record.id + "/result"},
                     {"queryAbortsAfterSecs", 300},
                     {"progressDesc", nullptr}};
  const Json body = {
      {"data", data}, {"code", asynchronous ? "333334" : "333333"}, {"message", "Query execution in progress."}, {"success", true}};
  return body.dump();
}

// {"1":{"type":"TEXT","value":".."}, ...}
std::vector<Binding> read_bindings(const Json& request) {
  std::vector<Binding> out;
  const auto given = request.find("bindings");
  if (given == request.end() || !given->is_object()) return out;
  for (size_t i = 1; i <= given->size(); ++i) {
    const auto one = given->find(std::to_string(i));
    if (one == given->end() || !one->is_object()) throw invalid_value("bindings are not numbered from 1");
    const Json value = one->value("value", Json());
    if (value.is_array()) throw invalid_value("array binds are not supported by this server");
    out.push_back({to_upper(one->value("type", "TEXT")),
                   value.is_null() ? std::nullopt : std::optional(value.is_string() ? value.get<std::string>() : value.dump())});
  }
  return out;
}

std::string text_value(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Json common_fields(const Session& session, const std::string& query_id) {
  const SessionContext& context = session.context;
  const auto name = [](const std::string& value) { return value.empty() ? Json() : Json(value); };
  return {{"parameters", parameter_list(context.parameters)},
          {"queryId", query_id},
          {"databaseProvider", nullptr},
          {"finalDatabaseName", name(context.database)},
          {"finalSchemaName", name(context.schema)},
          {"finalWarehouseName", name(context.warehouse)},
          {"finalRoleName", context.role},
          {"numberOfBinds", 0},
          {"arrayBindSupported", false},
          {"version", 1},
          {"sendResultTime", 0}};
}

}  // namespace

QueryRunner::~QueryRunner() {
  const std::lock_guard lock(mutex_);
  running_.clear();  // a future of std::async waits for its thread
}

void QueryRunner::keep(std::future<void> running) {
  const std::lock_guard lock(mutex_);
  running_.remove_if([](const std::future<void>& one) { return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  running_.push_back(std::move(running));
}

std::string QueryRunner::submit(const std::shared_ptr<Session>& session, const std::string& request_id, const Json& request,
                                const std::string& base_url) {
  const auto [record, fresh] = state_.queries.open(request_id, session->id(), state_.clock.now_us());
  const bool asynchronous = request.value("asyncExec", false);
  // A retry carries the same requestId: it joins the statement that runs or ran, nothing runs twice.
  if (fresh) {
    {
      const std::lock_guard lock(record->mutex);
      record->text = text_value(request, "sqlText");
      record->user = session->user();
      record->database = session->context.database;
      record->schema = session->context.schema;
      record->warehouse = session->context.warehouse;
    }
    keep(std::async(std::launch::async,
                    [this, session, record = record, request, base_url] { execute(session, record, request, base_url); }));
  }
  return wait(*record, asynchronous);
}

std::string QueryRunner::wait(QueryRecord& record, bool asynchronous) {
  std::unique_lock lock(record.mutex);
  if (asynchronous) return in_progress(record, true);
  record.finished.wait_for(lock, kAnswerAtOnceFor, [&] { return record.done; });
  return record.done ? record.answer : in_progress(record, false);
}

void QueryRunner::execute(const std::shared_ptr<Session>& session, const std::shared_ptr<QueryRecord>& record, const Json& request,
                          const std::string& base_url) {
  const std::lock_guard one_at_a_time(session->statement_mutex());
  std::string tag = session->context.parameters["QUERY_TAG"];
  const auto parameters = request.find("parameters");
  if (parameters != request.end() && parameters->is_object() && parameters->contains("QUERY_TAG"))
    tag = text_value(*parameters, "QUERY_TAG");
  bool cancelled = false;
  {
    const std::lock_guard lock(record->mutex);
    record->tag = tag;
    cancelled = record->cancelled;
  }
  std::string answer;
  std::vector<std::string> chunks;
  std::string code;
  std::string message;
  StatementResult result;
  try {
    if (cancelled) throw SqlError("000604", "57014", "SQL execution canceled");
    result = run(session, *record, request);
    Json common = common_fields(*session, record->id);
    if (!result.upload.is_null()) {
      result.upload.update(common);
      answer = success_body(result.upload.dump());
    } else {
      EncodedResult encoded = encode_result(result, common, base_url + "/results/" + record->id + "/");
      answer = success_body(encoded.data);
      chunks = std::move(encoded.chunks);
    }
  } catch (const SqlError& error) {
    code = error.code();
    message = error.what();
    answer = sql_failure(code, error.sql_state(), message, record->id).dump(-1, ' ', false, Json::error_handler_t::replace);
  } catch (const std::exception& error) {
    code = "000603";
    message = std::string("SQL execution internal error: ") + error.what();
    answer = sql_failure(code, "XX000", message, record->id).dump(-1, ' ', false, Json::error_handler_t::replace);
  }
  session->last_query_id = record->id;
  const std::lock_guard lock(record->mutex);
  record->answer = std::move(answer);
  record->chunks = std::move(chunks);
  record->error_code = code;
  record->error_message = message;
  record->statement_type = result.type;
  record->rows = static_cast<long long>(result.result.rows.size());
  record->ended_us = state_.clock.now_us();
  record->done = true;
  record->finished.notify_all();
}

// With the faults that were ordered for it.
StatementResult QueryRunner::run(const std::shared_ptr<Session>& session, const QueryRecord& record, const Json& request) {
  const auto fault = state_.orders.fault_for(record.text);
  const bool fails = fault && !fault->code.empty();
  if (fails && !fault->after_running) throw SqlError(fault->code, fault->sql_state, fault->message);
  StatementResult result = Executor(state_, *session, record.id, read_bindings(request)).run(record.text);
  if (fails) throw SqlError(fault->code, fault->sql_state, fault->message);
  if (fault && fault->lose_upload && !result.upload.is_null()) {
    const std::filesystem::path elsewhere = state_.options.data_dir / "lost" / record.id;
    std::filesystem::create_directories(elsewhere);
    for (const char* place : {"stageInfo", "uploadInfo"}) result.upload[place]["location"] = elsewhere.string() + "/";
  }
  return result;
}

std::string QueryRunner::result(const std::string& query_id) {
  const auto record = state_.queries.find(query_id);
  if (!record) return sql_failure("000710", "02000", "Statement " + query_id + " not found", query_id).dump();
  return wait(*record, false);
}

Json QueryRunner::status(const std::string& query_id) {
  Json queries = Json::array();
  if (const auto record = state_.queries.find(query_id)) {
    const std::lock_guard lock(record->mutex);
    const char* word = !record->done                    ? "RUNNING"
                       : record->error_code.empty()     ? "SUCCESS"
                       : record->error_code == "000604" ? "ABORTED"
                                                        : "FAILED_WITH_ERROR";
    queries.push_back({{"id", record->id},
                       {"status", word},
                       {"state", word},
                       {"errorCode", record->error_code},
                       {"errorMessage", record->error_message},
                       {"startTime", record->started_us / 1000},
                       {"endTime", record->ended_us / 1000},
                       {"sqlText", record->text},
                       {"stats", Json::object()}});
  }
  return {{"data", {{"queries", queries}}}, {"code", nullptr}, {"message", nullptr}, {"success", true}};
}

Json QueryRunner::abort(Session& session, const std::string& request_id) {
  const auto record = state_.queries.find_request(session.id(), request_id);
  bool running = false;
  if (record) {
    const std::lock_guard lock(record->mutex);
    running = !record->done;
    record->cancelled = true;
  }
  if (!running) return failure("000605", "Identified SQL statement is not currently executing.");
  session.cancel();
  return {{"data", nullptr}, {"code", nullptr}, {"message", nullptr}, {"success", true}};
}

}  // namespace imednet::sandbox::snowflake
