#include "routes.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "json_field.h"
#include "result_json.h"
#include "route_answers.h"
#include "sandbox/store/connection.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

void send(const httplib::Request& request, httplib::Response& response, const QueryRunner::Answer& result) {
  if (result.is_cut) return store::end_connection(request);
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

// With the faults that were ordered for the request.
void Routes::serve(const httplib::Request& request, httplib::Response& response, const std::function<void()>& drain,
                   const std::function<void()>& act) {
  store::RequestOrders* const orders = state_.options.allow_faults ? &state_.requests : nullptr;
  const auto refuse = [&](const store::RequestFault& fault) {
    response.status = fault.status == 0 ? 200 : fault.status;
    if (fault.session.empty()) {
      const std::string code = fault.code.empty() ? "000603" : fault.code;
      return answer(response, failure(code, "Ordered to fail.", {{"sqlState", "XX000"}}));
    }
    const auto found = sign_in_.find(request.get_header_value("Authorization"));
    if (found.session) state_.expire_session(found.session->id(), fault.session == "lost");
    answer(response, failure("390112", "Your session has expired. Please login again."));
  };
  store::carry_out(orders, request, response, {"snowflake", drain, act, refuse});
}

void Routes::post(httplib::Server& server, const char* path, Reading handler) {
  server.Post(path, [this, handler = std::move(handler)](const httplib::Request& request, httplib::Response& response,
                                                         const httplib::ContentReader& reader) {
    const auto drain = [&] { reader([](const char*, size_t) { return true; }); };
    // Without a length there is no body, as in one connector's heartbeats [seen]; the HTTP library would wait for the connection's end.
    const bool has_body = request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
    static const httplib::ContentReader kNothing(
        [](const httplib::ContentReceiver&) { return true; },
        [](const httplib::MultipartContentHeader&, const httplib::ContentReceiver&) { return true; });
    serve(
        request, response, has_body ? std::function<void()>(drain) : [] {},
        [&] { handler(request, response, has_body ? reader : kNothing); });
  });
}

void Routes::get(httplib::Server& server, const char* path, httplib::Server::Handler handler) {
  server.Get(path, [this, handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
    serve(
        request, response, [] {}, [&] { handler(request, response); });
  });
}

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
  post(server, "/session/v1/login-request",
       [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
         Json body;
         if (read_json(reader, response, body)) answer(response, sign_in_.login(body, query_of(request)));
       });
  // The first step of single sign-on, which needs an identity provider and a browser.
  post(server, "/session/authenticator-request",
       [](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
         Json ignored;
         if (!read_json(reader, response, ignored)) return;
         answer(response, failure("390139",
                                  "The authenticator is not accepted: the sandbox can't judge sign-in through a browser or an identity "
                                  "provider."));
       });
  post(server, "/session/token-request",
       [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
         Json body;
         if (read_json(reader, response, body)) answer(response, sign_in_.renew(request.get_header_value("Authorization"), body));
       });
  post(server, "/session/heartbeat",
       [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
         Json body;
         if (!read_json(reader, response, body)) return;
         const auto found = sign_in_.find(request.get_header_value("Authorization"));
         answer(response, found.session ? success() : failure(found.code, found.message));
       });
  post(server, "/session", [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (!read_json(reader, response, body)) return;
    const std::string authorization = request.get_header_value("Authorization");
    const auto found = sign_in_.find(authorization);
    if (found.code == "390104" || found.code == "390111") return answer(response, failure("390111", found.message));  // [src]
    if (request.get_param_value("delete") == "true") sign_in_.close(authorization);
    answer(response, success());
  });
  post(server, R"(/telemetry.*)", [](const httplib::Request&, httplib::Response& response, const httplib::ContentReader& reader) {
    Json body;
    if (read_json(reader, response, body)) answer(response, success("Log Received"));
  });
}

void Routes::install_queries(httplib::Server& server, const std::string& base_url) {
  post(server, "/queries/v1/query-request",
       [this, base_url](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
         Json body;
         if (!read_json(reader, response, body)) return;
         const auto found = sign_in_.find(request.get_header_value("Authorization"));
         if (!found.session) return answer(response, failure(found.code, found.message));
         send(request, response, runner_.submit(found.session, request.get_param_value("requestId"), body, base_url));
       });
  post(server, "/queries/v1/abort-request",
       [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
         Json body;
         if (!read_json(reader, response, body)) return;
         const auto found = sign_in_.find(request.get_header_value("Authorization"));
         answer(response,
                found.session ? runner_.abort(*found.session, text_field(body, "requestId")) : failure(found.code, found.message));
       });
  // The Python connectors' abort_query. [seen]
  post(server, R"(/queries/([0-9a-f-]+)/abort-request)",
       [this](const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) {
         Json body;
         if (!read_json(reader, response, body)) return;
         const auto found = sign_in_.find(request.get_header_value("Authorization"));
         answer(response, found.session ? runner_.abort_query(request.matches[1]) : failure(found.code, found.message));
       });
  get(server, R"(/queries/([0-9a-f-]+)/result)", [this](const httplib::Request& request, httplib::Response& response) {
    const auto found = sign_in_.find(request.get_header_value("Authorization"));
    if (!found.session) return answer(response, failure(found.code, found.message));
    send(request, response, runner_.result(request.matches[1]));
  });
  get(server, R"(/monitoring/queries/+([0-9a-f-]+))", [this](const httplib::Request& request, httplib::Response& response) {
    const auto found = sign_in_.find(request.get_header_value("Authorization"));
    answer(response, found.session ? runner_.status(request.matches[1]) : failure(found.code, found.message));
  });
  // The random query id in the path is what protects a chunk, as a signed address does on the service.
  get(server, R"(/results/([0-9a-f-]+)/([0-9]{1,6}))", [this](const httplib::Request& request, httplib::Response& response) {
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
  get(server, R"(/staged-files/([0-9a-f-]+)/([0-9]{1,6}))", [this](const httplib::Request& request, httplib::Response& response) {
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

}  // namespace imednet::sandbox::snowflake
