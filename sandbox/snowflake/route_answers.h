// route_answers.h: JSON in and out of requests.
#pragma once

#include <httplib.h>

#include <nlohmann/json.hpp>
#include <string>

namespace imednet::sandbox::snowflake {

void answer(httplib::Response& response, const std::string& body);
void answer(httplib::Response& response, const nlohmann::json& body);
nlohmann::json success(const nlohmann::json& data = nullptr);

// False when the body is too long or no JSON object; the response then says so. With `any` it may be a list too.
bool read_json(const httplib::ContentReader& reader, httplib::Response& response, nlohmann::json& out, bool any = false);

}  // namespace imednet::sandbox::snowflake
