#include "routes.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>

#include "json_field.h"
#include "result_json.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

// Statements can be long; what a compressed body inflates to is capped all the same.
constexpr size_t kMostBody = 64 << 20;
constexpr size_t kMostShown = 5000;

void answer(httplib::Response& response, const std::string& body) { response.set_content(body, "application/json"); }
void answer(httplib::Response& response, const Json& body) { answer(response, body.dump(-1, ' ', false, Json::error_handler_t::replace)); }
Json success(const Json& data = nullptr) { return {{"data", data}, {"code", nullptr}, {"message", nullptr}, {"success", true}}; }

// False when the body is too long or no JSON object; the response then says so.
bool read_json(const httplib::ContentReader& reader, httplib::Response& response, Json& out) {
  std::string body;
  const bool whole = reader([&](const char* data, size_t size) {
    if (body.size() + size > kMostBody) return false;
    body.append(data, size);
    return true;
  });
  if (!whole) {
    response.status = 413;
    return false;
  }
  out = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
  if (out.is_object()) return true;
  answer(response, failure("390101", "The request body is not a JSON object."));
  return false;
}

// Ends the connection of this request, so that not a byte of an answer arrives.
void cut(const httplib::Request& request) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int descriptor = std::atoi(entry.path().filename().c_str());
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET) continue;
    sockaddr_in own{};
    size = sizeof own;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &size) != 0) continue;
    if (ntohs(peer.sin_port) == request.remote_port && ntohs(own.sin_port) == request.local_port) ::shutdown(descriptor, SHUT_RDWR);
  }
}

void send(const httplib::Request& request, httplib::Response& response, const QueryRunner::Answer& result) {
  if (result.is_cut) return cut(request);
  answer(response, result.body);
}

// 404 when it is not there any more.
void send_file(httplib::Response& response, const std::filesystem::path& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  const auto file = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (missing || !*file) {
    response.status = 404;
    return;
  }
  response.set_content_provider(size, "application/octet-stream", [file](size_t offset, size_t length, httplib::DataSink& sink) {
    std::array<char, 1 << 16> buffer{};
    file->seekg(static_cast<std::streamoff>(offset));
    file->read(buffer.data(), static_cast<std::streamsize>(std::min(length, buffer.size())));
    return file->gcount() > 0 && sink.write(buffer.data(), static_cast<size_t>(file->gcount()));
  });
}

std::map<std::string, std::string> query_of(const httplib::Request& request) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : request.params) out[name] = value;
  return out;
}

}  // namespace

void Routes::install(httplib::Server& server, const std::string& base_url) {
  install_session(server);
  install_queries(server, base_url);
  if (state_.options.allow_faults) install_orders(server);
  server.set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr problem) {
    std::string what = "unknown";
    try {
      std::rethrow_exception(problem);
    } catch (const std::exception& error) {
      what = error.what();
    } catch (...) {
      what = "an exception of no known type";
    }
    response.status = 200;
    answer(response, failure("000603", "Internal error: " + what, {{"sqlState", "XX000"}}));
  });
}

void Routes::install_session(httplib::Server& server) {
  server.Post("/session/v1/login-request",
              [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (read_json(reader, response, body)) answer(response, sign_in_.login(body, query_of(request)));
              });
  // The first step of single sign-on, which needs an identity provider and a browser.
  server.Post("/session/authenticator-request", [](const httplib::Request&, httplib::Response& response) {
    answer(response, failure("390139",
                             "The authenticator is not accepted: the sandbox can't judge sign-in through a browser or an identity "
                             "provider."));
  });
  server.Post("/session/token-request",
              [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (read_json(reader, response, body)) answer(response, sign_in_.renew(request.get_header_value("Authorization"), body));
              });
  server.Post("/session/heartbeat",
              [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (!read_json(reader, response, body)) return;
                const auto found = sign_in_.find(request.get_header_value("Authorization"));
                answer(response, found.session ? success() : failure(found.code, found.message));
              });
  server.Post("/session", [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (!read_json(reader, response, body)) return;
    if (request.get_param_value("delete") == "true") sign_in_.close(request.get_header_value("Authorization"));
    answer(response, success());
  });
  server.Post(R"(/telemetry.*)", [](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (read_json(reader, response, body)) answer(response, success("Log Received"));
  });
}

void Routes::install_queries(httplib::Server& server, const std::string& base_url) {
  server.Post("/queries/v1/query-request",
              [this, base_url](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (!read_json(reader, response, body)) return;
                const auto found = sign_in_.find(request.get_header_value("Authorization"));
                if (!found.session) return answer(response, failure(found.code, found.message));
                send(request, response, runner_.submit(found.session, request.get_param_value("requestId"), body, base_url));
              });
  server.Post("/queries/v1/abort-request", [this](const httplib::Request& request, httplib::Response& response,
                                                  const httplib::ContentReader& reader) {
    Json body;
    if (!read_json(reader, response, body)) return;
    const auto found = sign_in_.find(request.get_header_value("Authorization"));
    answer(response, found.session ? runner_.abort(*found.session, text_field(body, "requestId")) : failure(found.code, found.message));
  });
  server.Get(R"(/queries/([0-9a-f-]+)/result)", [this](const httplib::Request& request, httplib::Response& response) {
    const auto found = sign_in_.find(request.get_header_value("Authorization"));
    if (!found.session) return answer(response, failure(found.code, found.message));
    send(request, response, runner_.result(request.matches[1]));
  });
  server.Get(R"(/monitoring/queries/([0-9a-f-]+))", [this](const httplib::Request& request, httplib::Response& response) {
    const auto found = sign_in_.find(request.get_header_value("Authorization"));
    answer(response, found.session ? runner_.status(request.matches[1]) : failure(found.code, found.message));
  });
  // The random query id in the path is what protects a chunk, as a signed address does on the service.
  server.Get(R"(/results/([0-9a-f-]+)/([0-9]{1,6}))", [this](const httplib::Request& request, httplib::Response& response) {
    const auto record = state_.queries.find(request.matches[1]);
    const size_t number = std::stoul(request.matches[2]);
    response.status = 404;
    if (!record) return;
    const std::lock_guard lock(record->mutex);
    if (number >= record->chunks.size()) return;
    response.status = 200;
    response.set_header("Content-Encoding", "gzip");
    response.set_content(record->chunks[number], "application/octet-stream");
  });
  server.Get(R"(/staged-files/([0-9a-f-]+)/([0-9]{1,6}))", [this](const httplib::Request& request, httplib::Response& response) {
    const auto record = state_.queries.find(request.matches[1]);
    const size_t number = std::stoul(request.matches[2]);
    std::filesystem::path path;
    if (record) {
      const std::lock_guard lock(record->mutex);
      if (number < record->files.size()) path = record->files[number];
    }
    send_file(response, path);
  });
}

// Orders a test gives: set the clock, expire the session tokens, let statements fail; and what was seen.
void Routes::install_orders(httplib::Server& server) {
  server.Post("/sandbox/clock", [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (!read_json(reader, response, body)) return;
    state_.clock.set_offset_seconds(body.value("offset_seconds", int64_t{0}));
    answer(response, success());
  });
  server.Post("/sandbox/staged-files/age",
              [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (!read_json(reader, response, body)) return;
                answer(response, success({{"files", state_.stages.make_old(text_field(body, "path"), body.value("seconds", int64_t{0}))}}));
              });
  server.Post("/sandbox/sessions/expire",
              [this](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
                Json body;
                if (!read_json(reader, response, body)) return;
                sign_in_.expire_all(body.value("master", false));
                answer(response, success());
              });
  server.Post("/sandbox/orders", [this](const httplib::Request& request, httplib::Response& response) {
    try {
      state_.orders.add(Json::parse(request.body));
      answer(response, success());
    } catch (const std::exception& error) {
      response.status = 400;
      answer(response, failure("390101", error.what()));
    }
  });
  server.Get("/sandbox/orders",
             [this](const httplib::Request&, httplib::Response& response) { answer(response, success(state_.orders.list())); });
  server.Delete("/sandbox/orders", [this](const httplib::Request&, httplib::Response& response) {
    state_.orders.clear();
    answer(response, success());
  });
  server.Get("/sandbox/logins",
             [this](const httplib::Request&, httplib::Response& response) { answer(response, success(sign_in_.logins())); });
  server.Get("/sandbox/warehouses", [this](const httplib::Request&, httplib::Response& response) {
    answer(response, success(state_.warehouses.list(state_.catalog.warehouses(), state_.clock.now_us())));
  });
  server.Get("/sandbox/statements", [this](const httplib::Request&, httplib::Response& response) {
    Json statements = Json::array();
    const auto newest_first = state_.queries.recent(kMostShown);
    for (auto record = newest_first.rbegin(); record != newest_first.rend(); ++record) {
      const std::lock_guard lock((*record)->mutex);
      const std::string& warehouse = (*record)->used_warehouse;
      statements.push_back({{"text", (*record)->text},
                            {"tag", (*record)->tag},
                            {"session", (*record)->session_id},
                            {"error", (*record)->error_code},
                            {"id", (*record)->id},
                            {"running", !(*record)->done},
                            {"warehouse", warehouse.empty() ? Json() : Json(warehouse)}});
    }
    answer(response, success(statements));
  });
}

}  // namespace imednet::sandbox::snowflake
