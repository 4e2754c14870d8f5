#include "query_runner.h"

#include <algorithm>
#include <chrono>

#include "array_binds.h"
#include "executor.h"
#include "json_field.h"
#include "result_json.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

constexpr std::chrono::milliseconds kBetweenLooks{20};

std::string in_progress(const QueryRecord& record, bool asynchronous) {
  const Json data = {{"queryId", record.id},
                     {"getResultUrl", "/queries/" + record.id + "/result"},
                     {"queryAbortsAfterSecs", 300},
                     {"progressDesc", nullptr}};
  const Json body = {
      {"data", data}, {"code", asynchronous ? "333334" : "333333"}, {"message", "Query execution in progress."}, {"success", true}};
  return body.dump();
}

Binding read_binding(const std::string& type, const Json& value) {
  return {type, value.is_null() ? std::nullopt : std::optional(value.is_string() ? value.get<std::string>() : value.dump())};
}

// {"1":{"type":"TEXT","value":".."}, ...}; where the values are lists, the statement is spread over their rows.
SpreadInsert read_bindings(const std::string& text, const Json& request) {
  if (!text_field(request, "bindStage").empty())
    throw invalid_value("binds on a stage are not taken: CLIENT_STAGE_ARRAY_BINDING_THRESHOLD is 0 here");
  SpreadInsert plain{text, {}};
  const auto given = request.find("bindings");
  if (given == request.end() || !given->is_object()) return plain;
  std::vector<std::vector<Binding>> lists;
  for (size_t i = 1; i <= given->size(); ++i) {
    const auto one = given->find(std::to_string(i));
    if (one == given->end() || !one->is_object()) throw invalid_value("bindings are not numbered from 1");
    const Json value = one->value("value", Json());
    const std::string type = to_upper(one->value("type", "TEXT"));
    if (!value.is_array()) {
      plain.bindings.push_back(read_binding(type, value));
      continue;
    }
    auto& list = lists.emplace_back();
    for (const Json& element : value) list.push_back(read_binding(type, element));
    if (list.size() != lists[0].size()) throw invalid_value("binds are lists of different lengths");
  }
  if (lists.empty()) return plain;
  if (!plain.bindings.empty()) throw invalid_value("binds are lists or single values, not both");
  return spread_insert(text, lists);
}

// By the parameter of the client's kind; the statement's own counts first. [src: protocol of the drivers; inferred: the order] What names
// no kind of a client that reads Arrow, gets JSON: one of them reads nothing else. [seen]
ResultFormat format_for(const Session& session, const Json& request) {
  static const std::map<std::string, std::string> kParameters = {{"Go", "GO_QUERY_RESULT_FORMAT"},
                                                                 {"PythonConnector", "PYTHON_CONNECTOR_QUERY_RESULT_FORMAT"},
                                                                 {"JDBC", "JDBC_QUERY_RESULT_FORMAT"},
                                                                 {"ODBC", "ODBC_QUERY_RESULT_FORMAT"}};
  const auto name = kParameters.find(session.client.app);
  if (name == kParameters.end()) return ResultFormat::json;
  const auto kept = session.context.parameters.find(name->second);
  std::string format = kept == session.context.parameters.end() ? "" : kept->second;
  const auto own = request.find("parameters");
  if (own != request.end() && own->is_object() && own->contains(name->second)) format = text_field(*own, name->second.c_str());
  return to_upper(format).starts_with("ARROW") ? ResultFormat::arrow : ResultFormat::json;
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
          {"arrayBindSupported", true},
          {"version", 1},
          {"sendResultTime", 0}};
}

// What was cancelled because its time was up says so.
SqlError timeout_of(QueryRecord& record, const SqlError& error) {
  const std::lock_guard lock(record.mutex);
  if (!record.timed_out || error.code() != "000604") return error;
  return SqlError(
      "000630", "57014",
      "Statement reached its statement or warehouse timeout of " + std::to_string(record.limit_seconds) + " second(s) and was canceled.");
}

// The statement did what it says; what is told of it was ordered.
void falsify(ResultSet& answer, const StatementFault& fault) {
  const auto kept = static_cast<int64_t>(answer.rows.size()) - fault.forget_rows;
  if (fault.forget_rows > 0) answer.rows.resize(static_cast<size_t>(std::max<int64_t>(kept, 0)));
  for (const auto& [name, text] : fault.say) {
    const auto column = std::find_if(answer.columns.begin(), answer.columns.end(),
                                     [&wanted = name](const ResultColumn& one) { return one.name == wanted; });
    if (column == answer.columns.end()) throw SqlError("000603", "XX000", "The answer that was ordered to be false has no column " + name);
    for (Row& row : answer.rows) row[static_cast<size_t>(column - answer.columns.begin())] = text;
  }
}

}  // namespace

QueryRunner::~QueryRunner() {
  std::list<std::future<void>> running;
  {
    const std::lock_guard lock(mutex_);
    running.swap(running_);
  }
  running.clear();  // a future of std::async waits for its thread
}

// From now on the statement is cancelled at its deadline.
void QueryRunner::watch(const std::shared_ptr<QueryRecord>& record) {
  const std::lock_guard lock(mutex_);
  timed_.push_back(record);
  if (watchman_.joinable()) return;
  watchman_ = std::jthread([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      cancel_overdue();
      std::this_thread::sleep_for(kBetweenLooks);
    }
  });
}

void QueryRunner::cancel_overdue() {
  std::vector<std::shared_ptr<QueryRecord>> timed;
  {
    const std::lock_guard lock(mutex_);
    timed = timed_;
  }
  const int64_t now = state_.clock.now_us();
  for (const auto& record : timed) {
    bool is_over = false;
    {
      const std::lock_guard lock(record->mutex);
      is_over = record->done;
      if (!is_over && now >= record->deadline_us) is_over = record->timed_out = true;
    }
    if (!is_over) continue;
    cancel_statement(*record);
    const std::lock_guard lock(mutex_);
    std::erase(timed_, record);
  }
}

void QueryRunner::keep(std::future<void> running) {
  const std::lock_guard lock(mutex_);
  running_.remove_if([](const std::future<void>& one) { return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready; });
  running_.push_back(std::move(running));
}

QueryRunner::Answer QueryRunner::submit(const std::shared_ptr<Session>& session, const std::string& request_id, const Json& request,
                                        const std::string& base_url) {
  const std::string text = text_field(request, "sqlText");
  std::optional<StatementFault> fault;
  if (!state_.queries.find_request(session->id(), request_id)) fault = state_.orders.fault_for(text);
  if (fault && !fault->expire.empty()) {
    state_.expire_session(session->id(), fault->expire == "master");
    return {failure("390112", "Your session has expired. Please login again.").dump()};
  }
  const auto [record, fresh] = state_.queries.open(request_id, session->id(), state_.clock.now_us());
  const auto told = request.find("asyncExec");
  const bool asynchronous = told != request.end() && told->is_boolean() && told->get<bool>();
  // A retry carries the same requestId: it joins the statement that runs or ran, nothing runs twice.
  if (fresh) {
    {
      const std::lock_guard lock(record->mutex);
      record->text = text;
      record->session = session;
      record->user = session->user();
      record->database = session->context.database;
      record->schema = session->context.schema;
      record->warehouse = session->context.warehouse;
      record->cuts_left = fault ? fault->cut_answers : 0;
    }
    keep(std::async(std::launch::async,
                    [this, session, record = record, request, base_url, fault] { execute(session, record, request, base_url, fault); }));
  }
  return wait(*record, asynchronous);
}

QueryRunner::Answer QueryRunner::wait(QueryRecord& record, bool asynchronous) {
  std::unique_lock lock(record.mutex);
  if (asynchronous) return {in_progress(record, true)};
  record.finished.wait_for(lock, state_.options.answer_within, [&] { return record.done; });
  if (!record.done) return {in_progress(record, false)};
  if (record.cuts_left == 0) return {record.answer};
  --record.cuts_left;
  return {"", true};
}

// Its tag and its deadline are those of this moment. False: it was cancelled while it waited for its turn.
bool QueryRunner::start(Session& session, const std::shared_ptr<QueryRecord>& record, const Json& request) {
  session.start_statement();
  std::string tag = session.context.parameters["QUERY_TAG"];
  const auto parameters = request.find("parameters");
  if (parameters != request.end() && parameters->is_object() && parameters->contains("QUERY_TAG"))
    tag = text_field(*parameters, "QUERY_TAG");
  const auto limit = session.context.parameters.find("STATEMENT_TIMEOUT_IN_SECONDS");
  const int64_t seconds = limit == session.context.parameters.end() ? 0 : std::strtoll(limit->second.c_str(), nullptr, 10);
  bool is_cancelled = false;
  {
    const std::lock_guard lock(record->mutex);
    record->tag = tag;
    record->limit_seconds = std::max<int64_t>(seconds, 0);
    record->deadline_us = state_.clock.now_us() + record->limit_seconds * 1000000;
    record->running = true;
    is_cancelled = record->cancelled;
  }
  if (seconds > 0) watch(record);
  return !is_cancelled;
}

void QueryRunner::execute(const std::shared_ptr<Session>& session, const std::shared_ptr<QueryRecord>& record, const Json& request,
                          const std::string& base_url, const std::optional<StatementFault>& fault) {
  const std::lock_guard one_at_a_time(session->statement_mutex());
  const bool is_started = start(*session, record, request);
  std::string answer;
  std::vector<std::string> chunks;
  std::string code;
  std::string message;
  StatementResult result;
  try {
    if (!is_started) throw SqlError("000604", "57014", "SQL execution canceled");
    result = run(session, *record, request, fault);
    Json common = common_fields(*session, record->id);
    common["numberOfBinds"] = result.wanted_binds;
    if (!result.transfer.is_null()) {
      result.transfer.update(common);
      // The random query id protects a file's address, as a signature does on the service.
      for (size_t i = 0; i < result.files.size(); ++i)
        result.transfer["presignedUrls"].push_back(base_url + "/staged-files/" + record->id + "/" + std::to_string(i));
      answer = success_body(result.transfer.dump());
    } else {
      EncodedResult encoded = encode_result(result, common, base_url + "/results/" + record->id + "/", format_for(*session, request));
      answer = success_body(encoded.data);
      chunks = std::move(encoded.chunks);
    }
  } catch (const SqlError& problem) {
    const SqlError error = timeout_of(*record, problem);
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
  record->files = std::move(result.files);
  record->error_code = code;
  record->error_message = message;
  record->statement_type = result.type;
  record->rows = static_cast<long long>(result.result.rows.size());
  record->ended_us = state_.clock.now_us();
  record->running = false;
  record->done = true;
  record->finished.notify_all();
}

// With the fault that was ordered for it.
StatementResult QueryRunner::run(const std::shared_ptr<Session>& session, const QueryRecord& record, const Json& request,
                                 const std::optional<StatementFault>& fault) {
  const auto go_wrong = [&] {
    delay(*session, fault->delay_ms);
    if (!fault->run.empty()) run_for_somebody_else(*session, fault->run);
    if (!fault->code.empty()) throw SqlError(fault->code, fault->sql_state, fault->message);
  };
  if (fault && !fault->after_running) go_wrong();
  if (fault && !fault->store_credentials.empty()) state_.stages.spoil_credentials(fault->store_credentials, 1);
  // The drivers ask for a description before they send lists of binds. [seen]
  if (request.value("describeOnly", Json(false)) == Json(true)) return Executor(state_, *session, record.id, {}).describe_only(record.text);
  SpreadInsert statement = read_bindings(record.text, request);
  Executor executor(state_, *session, record.id, std::move(statement.bindings));
  if (fault) executor.order_copy({fault->copy_rows, fault->copy_nothing});
  StatementResult result = executor.run(statement.sql);
  if (fault && fault->after_running) go_wrong();
  if (fault) falsify(result.result, *fault);
  if (fault && fault->lose_upload && result.type == statement_type::kPut) {
    StageDefinition elsewhere;  // no stage has its number
    const nlohmann::json place = state_.stages.place_of(elsewhere, record.id, session->client, "lost");
    for (const char* name : {"stageInfo", "uploadInfo"}) result.transfer[name] = place;
  }
  return result;
}

void QueryRunner::delay(Session& session, int64_t milliseconds) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  while (std::chrono::steady_clock::now() < until) {
    if (session.is_cancelled()) throw SqlError("000604", "57014", "SQL execution canceled");
    std::this_thread::sleep_for(kBetweenLooks / 4);
  }
}

// An administrator, in the same schema. What is locked is not waited for.
void QueryRunner::run_for_somebody_else(const Session& session, const std::string& sql) {
  const std::string id = new_uuid();
  Session other(id, session.user(), state_.engine.connect(), state_.locks);
  other.context = session.context;
  other.context.role = "ACCOUNTADMIN";
  other.context.parameters["LOCK_TIMEOUT"] = "0";
  try {
    Executor(state_, other, id, {}).run(sql);
  } catch (const SqlError& error) {
    throw SqlError("000603", "XX000", "The statement that was ordered to run besides failed with " + error.code() + ": " + error.what());
  }
}

QueryRunner::Answer QueryRunner::result(const std::string& query_id) {
  const auto record = state_.queries.find(query_id);
  if (!record) return {sql_failure("000710", "02000", "Statement " + query_id + " not found", query_id).dump()};
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

namespace {

Json abort_record(const std::shared_ptr<QueryRecord>& record) {
  if (!record || !cancel_statement(*record)) return failure("000605", "Identified SQL statement is not currently executing.");
  return {{"data", nullptr}, {"code", nullptr}, {"message", nullptr}, {"success", true}};
}

}  // namespace

Json QueryRunner::abort(Session& session, const std::string& request_id) {
  return abort_record(state_.queries.find_request(session.id(), request_id));
}

Json QueryRunner::abort_query(const std::string& query_id) { return abort_record(state_.queries.find(query_id)); }

}  // namespace imednet::sandbox::snowflake
