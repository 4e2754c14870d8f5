// listener.h: lets an HTTP server listen on a port of this machine for as long as a test takes.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <chrono>
#include <string>
#include <thread>

namespace imednet::http {

class Listener {
 public:
  explicit Listener(httplib::Server& server) : server_(server), port_(server.bind_to_any_port("127.0.0.1")) {
    EXPECT_GT(port_, 0);
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
    // A server that is stopped before it runs would run for ever.
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!server_.is_running() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_TRUE(server_.is_running());
  }
  ~Listener() { server_.stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  httplib::Server& server_;
  int port_;
  std::jthread thread_;  // last, so that it is joined first
};

}  // namespace imednet::http
