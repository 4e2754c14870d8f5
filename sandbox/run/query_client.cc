#include "sandbox/run/query_client.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <httplib.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

namespace imednet::sandbox {
namespace {

using nlohmann::json;

std::string required(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr || *value == '\0') {
    throw std::runtime_error(fmt::format("query needs {}; run it inside imednet-sandbox run -- …", name));
  }
  return value;
}

json post(httplib::Client& http, const std::string& token, const std::string& path, const json& body) {
  const httplib::Headers headers = {{"Authorization", "Snowflake Token=\"" + token + "\""}};
  const auto answer = http.Post(path.c_str(), headers, body.dump(), "application/json");
  if (!answer) {
    throw std::runtime_error("no answer from the Snowflake server: " + httplib::to_string(answer.error()));
  }
  json parsed = json::parse(answer->body);
  if (!parsed.at("success").get<bool>()) {
    throw std::runtime_error(fmt::format("{} ({})", parsed.value("message", "?"), parsed.value("code", "?")));
  }
  return std::move(parsed.at("data"));
}

// A request id used before would bring that request's answer again.
std::string request_id() { return fmt::format("query-{}-{}", getpid(), std::chrono::system_clock::now().time_since_epoch().count()); }

std::string sign_in(httplib::Client& http) {
  json body = {{"data",
                {{"ACCOUNT_NAME", required("SNOWFLAKE_ACCOUNT")},
                 {"LOGIN_NAME", required("SNOWFLAKE_USER")},
                 {"PASSWORD", required("SNOWFLAKE_PASSWORD")},
                 {"CLIENT_APP_ID", "imednet-sandbox"}}}};
  if (const char* const passcode = std::getenv("SNOWFLAKE_PASSCODE")) body["data"]["PASSCODE"] = passcode;
  const std::string path = fmt::format("/session/v1/login-request?databaseName={}&schemaName={}&warehouse={}",
                                       required("SNOWFLAKE_DATABASE"), required("SNOWFLAKE_SCHEMA"), required("SNOWFLAKE_WAREHOUSE"));
  return post(http, "None", path, body).at("token").get<std::string>();
}

// Days and seconds since 1970 as the JSON result format has them.
std::string readable_time(const std::string& cell, bool is_date) {
  std::int64_t units = 0;
  std::from_chars(cell.data(), cell.data() + cell.size(), units);
  const auto when = std::chrono::system_clock::time_point(std::chrono::seconds(is_date ? units * 86'400 : units));
  const std::string text = fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(when)));
  return is_date ? text.substr(0, text.find(' ')) : text;
}

std::string readable(const json& cell, const std::string& type) {
  if (cell.is_null()) {
    return "NULL";
  }
  const std::string text = cell.get<std::string>();
  if (type == "boolean") {
    return text == "1" || text == "true" ? "true" : "false";
  }
  return type == "date" || type.starts_with("timestamp") ? readable_time(text, type == "date") : text;
}

struct Column {
  std::string name, type;
  std::size_t width;
  bool is_number;
};

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void print_row(const std::vector<Column>& columns, const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string padding(columns[i].width - std::min(columns[i].width, width_of(cells[i])), ' ');
    line += (i == 0 ? "" : "  ") + (columns[i].is_number ? padding + cells[i] : cells[i] + padding);
  }
  fmt::print("{}\n", line.substr(0, line.find_last_not_of(' ') + 1));
}

void print_table(const json& data) {
  std::vector<Column> columns;
  std::vector<std::string> names;
  for (const json& column : data.at("rowtype")) {
    const std::string type = column.at("type");
    names.push_back(column.at("name"));
    columns.push_back({names.back(), type, width_of(names.back()), type == "fixed" || type == "real"});
  }
  std::vector<std::vector<std::string>> rows;
  for (const json& row : data.at("rowset")) {
    auto& cells = rows.emplace_back();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      cells.push_back(readable(row.at(i), columns[i].type));
      columns[i].width = std::max(columns[i].width, width_of(cells.back()));
    }
  }
  print_row(columns, names);
  for (const auto& cells : rows) {
    print_row(columns, cells);
  }
}

}  // namespace

int run_query(const std::string& statement) {
  try {
    httplib::Client http(required("SNOWFLAKE_HOST"), std::atoi(required("SNOWFLAKE_PORT").c_str()));
    const std::string token = sign_in(http);
    const json data = post(http, token, "/queries/v1/query-request?requestId=" + request_id(), {{"sqlText", statement}});
    if (data.contains("chunks") && !data.at("chunks").empty()) {
      throw std::runtime_error("the result is larger than one answer; add LIMIT");
    }
    print_table(data);
    post(http, token, "/session?delete=true", json::object());
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "imednet-sandbox: {}\n", error.what());
    return 1;
  }
}

}  // namespace imednet::sandbox
