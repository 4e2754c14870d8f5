#include "sign_in.h"

#include <algorithm>

#include "json_field.h"
#include "result_json.h"
#include "secret.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

constexpr int64_t kTokenSeconds = 3600;
constexpr int64_t kMasterSeconds = 14400;
constexpr int64_t kSecond = 1000000;
constexpr size_t kMostLogins = 200;

// Snowflake Token="..."
std::string token_of(const std::string& authorization) {
  const size_t open = authorization.find('"');
  const size_t close = authorization.rfind('"');
  if (!authorization.starts_with("Snowflake Token=") || open == std::string::npos || close <= open) return {};
  return authorization.substr(open + 1, close - open - 1);
}

std::map<std::string, std::string> first_parameters(const std::string& result_format) {
  return {{"AUTOCOMMIT", "true"},
          {"TIMEZONE", "America/Los_Angeles"},
          {"TIMESTAMP_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3 TZHTZM"},
          {"TIMESTAMP_NTZ_OUTPUT_FORMAT", "YYYY-MM-DD HH24:MI:SS.FF3"},
          {"TIMESTAMP_LTZ_OUTPUT_FORMAT", ""},
          {"TIMESTAMP_TZ_OUTPUT_FORMAT", ""},
          {"DATE_OUTPUT_FORMAT", "YYYY-MM-DD"},
          {"TIME_OUTPUT_FORMAT", "HH24:MI:SS"},
          {"BINARY_OUTPUT_FORMAT", "HEX"},
          {"CLIENT_SESSION_KEEP_ALIVE", "false"},
          {"CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "0"},  // binds are never uploaded to a stage [src]
          {"CLIENT_PREFETCH_THREADS", "4"},
          {"CLIENT_RESULT_CHUNK_SIZE", "160"},
          {"CLIENT_TELEMETRY_ENABLED", "false"},
          {"QUERY_CONTEXT_CACHE_SIZE", "5"},
          {"QUOTED_IDENTIFIERS_IGNORE_CASE", "false"},
          {"GO_QUERY_RESULT_FORMAT", result_format},
          {"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT", result_format},
          {"JDBC_QUERY_RESULT_FORMAT", result_format},
          {"ODBC_QUERY_RESULT_FORMAT", result_format}};
}

}  // namespace

SignIn::SignIn(ServerState& state) : state_(state), next_session_(state.clock.now_us()) {
  state_.find_session = [this](const std::string& id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_session_.find(id);
    return found == by_session_.end() ? nullptr : found->second.session;
  };
  state_.expire_session = [this](const std::string& id, bool master) {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_session_.find(id); found != by_session_.end()) found->second.expire(master);
  };
  state_.end_session = [this](const std::string& id) { return abort(id); };
  state_.all_sessions = [this] {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [id, entry] : by_session_) all.push_back(entry.session);
    return all;
  };
}

void SignIn::note(Json data, const std::optional<Credentials::Refusal>& refusal) {
  for (const char* secret : {"PASSWORD", "TOKEN", "PASSCODE", "PROOF_KEY"}) data.erase(secret);
  if (refusal) data["refused"] = refusal->reason;
  const std::lock_guard lock(mutex_);
  logins_.push_back(std::move(data));
  if (logins_.size() > kMostLogins) logins_.pop_front();
}

Json SignIn::logins() const {
  const std::lock_guard lock(mutex_);
  return logins_;
}

namespace {

// A name in a login's address: quotes keep the case, as in a statement.
std::string login_name(const std::map<std::string, std::string>& query, const char* key) {
  const auto found = query.find(key);
  if (found == query.end() || found->second.empty()) return {};
  const std::string& text = found->second;
  if (text.front() != '"' || text.back() != '"' || text.size() < 3) return to_upper(text);
  std::string name;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    name += text[i];
    if (text[i] == '"' && i + 2 < text.size() && text[i + 1] == '"') ++i;
  }
  return name;
}

}  // namespace

// Without a name in the login: the token's only role, else the user's default, else PUBLIC. [doc]
std::string SignIn::first_role(const Credentials::Verdict& verdict) const {
  if (!verdict.role_restriction.empty()) return verdict.role_restriction;
  const bool is_first = verdict.user.name == to_upper(state_.options.user);
  const std::string role = is_first && verdict.user.default_role.empty() ? "SYSADMIN" : verdict.user.default_role;
  return state_.grants.may_take(verdict.user.name, role) ? role : "PUBLIC";
}

void SignIn::apply_context(Session& session, const Json& data, const std::map<std::string, std::string>& query, const User& user) {
  const auto named = [&](const char* key) { return login_name(query, key); };
  // A name that does not exist is no login error: the session simply has none. [doc]
  if (const std::string name = named("roleName"); !name.empty()) session.context.role = name;
  const auto usable = [&](const char* kind, const std::string& object) {
    return state_.grants.may(session.context.role, {"USAGE", kind, object});
  };
  if (const std::string name = named("databaseName"); state_.catalog.has_database(name) && usable("DATABASE", display_identifier(name))) {
    session.context.database = name;
    session.context.schema = "PUBLIC";
  }
  if (const std::string name = named("schemaName"); !name.empty()) {
    const bool is_usable = state_.catalog.has_schema(session.context.database, name) &&
                           usable("SCHEMA", display_identifier(session.context.database) + "." + display_identifier(name));
    session.context.schema = is_usable ? name : "";
  }
  const std::string warehouse = named("warehouse").empty() ? user.default_warehouse : named("warehouse");
  if (const std::string& name = warehouse; state_.catalog.has_warehouse(name) && usable("WAREHOUSE", display_identifier(name)))
    session.context.warehouse = name;
  session.context.parameters = first_parameters(to_upper(state_.options.result_format));
  const auto given = data.find("SESSION_PARAMETERS");
  if (given != data.end() && given->is_object()) {
    for (const auto& [name, value] : given->items()) {
      session.context.parameters[to_upper(name)] = value.is_string() ? value.get<std::string>() : value.dump();
    }
  }
  session.set_time_zone(session.context.parameters["TIMEZONE"]);
}

namespace {

ClientTraits traits_of(const Json& data) {
  ClientTraits client{.app = text_field(data, "CLIENT_APP_ID")};
  const auto capabilities = data.find("CLIENT_CAPABILITIES");
  client.wants_text_ids =
      capabilities != data.end() && capabilities->is_object() && capabilities->value("SMK_ID_AS_STRING", Json(false)) == Json(true);
  client.wants_bucket_in_host = client.app == "PythonConnector" && !client.wants_text_ids;
  return client;
}

}  // namespace

Json SignIn::login(const Json& request, const std::map<std::string, std::string>& query) {
  const Json data = request.contains("data") && request["data"].is_object() ? request["data"] : Json::object();
  const auto verdict = state_.credentials.judge(data);
  note(data, verdict.refusal);
  if (const auto& refusal = verdict.refusal)
    return failure(refusal->code, refusal->message, {{"nextAction", "RETRY_LOGIN"}, {"pwdLastSetTime", nullptr}});
  const std::string wanted = login_name(query, "roleName");
  const bool is_restricted = !verdict.role_restriction.empty() && !wanted.empty() && wanted != verdict.role_restriction;
  if (!wanted.empty() && (is_restricted || !state_.grants.may_take(verdict.user.name, wanted))) {
    return failure("390189", "Role '" + wanted +
                                 "' specified in the connect string does not exist or not authorized. Contact your local "
                                 "system administrator, or attempt to login with another role, e.g. PUBLIC.");
  }
  int64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++next_session_;
  }
  auto session = std::make_shared<Session>(std::to_string(number), verdict.user.name, state_.engine.connect(), state_.locks);
  session->context.role = first_role(verdict);
  session->role_restriction = verdict.role_restriction;
  session->client = traits_of(data);
  apply_context(*session, data, query, verdict.user);
  const int64_t now = state_.clock.now_us();
  Entry entry{session, new_uuid() + new_uuid(), new_uuid() + new_uuid(), now + kTokenSeconds * kSecond, now + kMasterSeconds * kSecond};
  const SessionContext& context = session->context;
  const Json answer = {{"masterToken", entry.master_token},
                       {"token", entry.token},
                       {"validityInSeconds", kTokenSeconds},
                       {"masterValidityInSeconds", kMasterSeconds},
                       {"displayUserName", session->user()},
                       {"serverVersion", "9.35.0"},
                       {"firstLogin", false},
                       {"remMeToken", nullptr},
                       {"remMeValidityInSeconds", 0},
                       {"healthCheckInterval", 45},
                       {"newClientForUpgrade", nullptr},
                       {"sessionId", number},
                       {"parameters", parameter_list(context.parameters)},
                       {"sessionInfo",
                        {{"databaseName", context.database},
                         {"schemaName", context.schema},
                         {"warehouseName", context.warehouse},
                         {"roleName", context.role}}},
                       {"idToken", nullptr},
                       {"idTokenValidityInSeconds", 0},
                       {"mfaToken", nullptr},
                       {"mfaTokenValidityInSeconds", 0},
                       {"responseData", nullptr}};
  const std::lock_guard lock(mutex_);
  by_session_[session->id()] = std::move(entry);
  return {{"data", answer}, {"code", nullptr}, {"message", nullptr}, {"success", true}};
}

SignIn::Entry* SignIn::entry_of_token(const std::string& token) {
  for (auto& [id, entry] : by_session_) {
    if (same_secret(entry.token, token)) return &entry;
  }
  return nullptr;
}

SignIn::Found SignIn::find(const std::string& authorization) {
  const std::string token = token_of(authorization);
  const std::lock_guard lock(mutex_);
  Entry* entry = token.empty() ? nullptr : entry_of_token(token);
  if (!entry &&
      std::any_of(aborted_tokens_.begin(), aborted_tokens_.end(), [&](const std::string& one) { return same_secret(one, token); }))
    return {nullptr, "390111", "Session no longer exists. New login required to access the service."};
  if (!entry) return {nullptr, "390104", "Session no longer exists. New login required to access the service."};
  if (state_.clock.now_us() >= entry->token_until_us) return {nullptr, "390112", "Your session has expired. Please login again."};
  return {entry->session, "", ""};
}

Json SignIn::renew(const std::string& authorization, const Json& request) {
  const std::string master = token_of(authorization);
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : by_session_) {
    if (!same_secret(entry.master_token, master) || !same_secret(entry.token, text_field(request, "oldSessionToken"))) continue;
    const int64_t now = state_.clock.now_us();
    if (now >= entry.master_until_us) return failure("390114", "Authentication token has expired. The user must authenticate again.");
    entry.token = new_uuid() + new_uuid();
    entry.token_until_us = now + kTokenSeconds * kSecond;
    entry.master_until_us = now + kMasterSeconds * kSecond;
    const Json data = {{"sessionToken", entry.token},
                       {"validityInSecondsST", kTokenSeconds},
                       {"masterToken", entry.master_token},
                       {"validityInSecondsMT", kMasterSeconds},
                       {"sessionId", std::stoll(id)}};
    return {{"data", data}, {"code", nullptr}, {"message", nullptr}, {"success", true}};
  }
  return failure("390104", "Session no longer exists. New login required to access the service.");
}

void SignIn::close(const std::string& authorization) {
  const std::string token = token_of(authorization);
  std::string id;
  {
    const std::lock_guard lock(mutex_);
    if (const Entry* entry = token.empty() ? nullptr : entry_of_token(token)) id = entry->session->id();
  }
  end(id);
}

bool SignIn::abort(const std::string& id) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_session_.find(id);
    if (found == by_session_.end()) return false;
    aborted_tokens_.push_back(found->second.token);
    if (aborted_tokens_.size() > kMostLogins) aborted_tokens_.pop_front();
  }
  return end(id);
}

bool SignIn::end(const std::string& id) {
  std::shared_ptr<Session> session;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_session_.find(id);
    if (found == by_session_.end()) return false;
    session = found->second.session;
    by_session_.erase(found);
  }
  session->cancel();
  for (const StageDefinition& stage : state_.catalog.forget_session(id)) state_.stages.remove_stage(stage);
  return true;
}

void SignIn::expire_all(bool master) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : by_session_) entry.expire(master);
}

void SignIn::cancel_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [id, entry] : by_session_) entry.session->cancel();
}

}  // namespace imednet::sandbox::snowflake
