#pragma once

#include <httplib.h>

#include <functional>
#include <string>

#include "query_runner.h"
#include "server_state.h"
#include "sign_in.h"

namespace imednet::sandbox::snowflake {

// The HTTP face: which path is answered by what.
class Routes {
 public:
  Routes(ServerState& state, SignIn& sign_in, QueryRunner& runner) : state_(state), sign_in_(sign_in), runner_(runner) {}
  // base_url is the address clients reach this server by.
  void install(httplib::Server& server, const std::string& base_url);

 private:
  void install_session(httplib::Server& server);
  void install_queries(httplib::Server& server, const std::string& base_url);
  void install_orders(httplib::Server& server);  // control_routes.cc
  void add_orders(const nlohmann::json& given);

  using Reading = httplib::Server::HandlerWithContentReader;
  void post(httplib::Server& server, const char* path, Reading handler);
  void get(httplib::Server& server, const char* path, httplib::Server::Handler handler);
  void serve(const httplib::Request& request, httplib::Response& response, const std::function<void()>& drain,
             const std::function<void()>& act);

  ServerState& state_;
  SignIn& sign_in_;
  QueryRunner& runner_;
};

}  // namespace imednet::sandbox::snowflake
