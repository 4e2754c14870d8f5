#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "executor.h"

namespace imednet::sandbox::snowflake {

// A result in one of its formats: the first rows in the answer, the rest as gzip'd chunks to be fetched.
struct EncodedResult {
  std::string data;                 // the answer's "data" object as text
  std::vector<std::string> chunks;  // gzip'd
};

// `common` holds the fields that do not come from the rows; chunk_url is completed by a number.
enum class ResultFormat { json, arrow };
EncodedResult encode_result(const StatementResult& result, nlohmann::json common, const std::string& chunk_url, ResultFormat format);

std::string success_body(const std::string& data);
nlohmann::json failure(const std::string& code, const std::string& message, const nlohmann::json& data = nullptr);
nlohmann::json sql_failure(const std::string& code, const std::string& sql_state, const std::string& message, const std::string& query_id);
// Name and value of the session's parameters, as clients want them at login and with every answer.
nlohmann::json parameter_list(const std::map<std::string, std::string>& parameters);

}  // namespace imednet::sandbox::snowflake
