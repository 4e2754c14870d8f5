#include "snowflake_server.h"

#include <netinet/tcp.h>

#include <stdexcept>
#include <thread>

#include "routes.h"

namespace imednet::sandbox::snowflake {

namespace {

// A kept-alive connection holds a thread, and so does a client that waits for a slow statement.
constexpr size_t kThreads = 64;
constexpr int kKeepAliveSeconds = 2;

bool is_loopback(const std::string& host) { return host == "127.0.0.1" || host == "::1" || host == "localhost"; }

}  // namespace

struct SnowflakeServer::Impl {
  explicit Impl(SnowflakeServerOptions options)
      : state(std::move(options)), sign_in(state), runner(state), routes(state, sign_in, runner) {}

  void start() {
    const std::string& host = state.options.bind_host;
    if (!is_loopback(host)) throw std::invalid_argument("the sandbox binds to the loopback interface only, not to " + host);
    http.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    http.set_tcp_nodelay(true);
    http.set_keep_alive_timeout(kKeepAliveSeconds);
    http.set_keep_alive_max_count(1000000);
    http.set_read_timeout(60);
    if (state.options.port == 0) {
      port = http.bind_to_any_port(host);
    } else {
      port = http.bind_to_port(host, state.options.port) ? state.options.port : -1;
    }
    if (port <= 0) throw std::runtime_error("cannot bind to " + host + ":" + std::to_string(state.options.port));
    routes.install(http, "http://" + host + ":" + std::to_string(port));
    listener = std::thread([this] { http.listen_after_bind(); });
    for (int waited = 0; !http.is_running() && waited < 5000; ++waited) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void stop() {
    if (!listener.joinable()) return;
    sign_in.cancel_all();
    http.stop();
    listener.join();
    state.stages.stop();
  }

  ServerState state;
  SignIn sign_in;
  QueryRunner runner;
  Routes routes;
  httplib::Server http;
  std::thread listener;
  int port = 0;
};

SnowflakeServer::SnowflakeServer(SnowflakeServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) { impl_->start(); }

SnowflakeServer::~SnowflakeServer() { stop(); }

int SnowflakeServer::port() const { return impl_->port; }

std::string SnowflakeServer::host() const { return impl_->state.options.bind_host; }

std::string SnowflakeServer::authority_pem() const { return impl_->state.stages.authority_pem(); }

void SnowflakeServer::stop() { impl_->stop(); }

}  // namespace imednet::sandbox::snowflake
