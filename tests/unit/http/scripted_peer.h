// scripted_peer.h: the other end of a connection on this machine, which answers exactly what a test wrote down.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace imednet::http {

// One connection, as a script sees it.
class Line {
 public:
  explicit Line(int socket) : socket_(socket) {}

  // The next request up to its blank line; empty when the other side closed or nothing came in time.
  std::string request(int wait_ms = kWaitMs) {
    std::string text;
    char byte = 0;
    while (text.size() < 65'536 && waits_for_input(wait_ms) && ::recv(socket_, &byte, 1, 0) == 1) {
      text.push_back(byte);
      if (text.ends_with("\r\n\r\n")) return text;
    }
    return {};
  }
  // False when the other side does not take it any more.
  bool say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // Until the other side closes; at most as long as one test may take.
  void hold() {
    char byte = 0;
    while (waits_for_input(kWaitMs) && ::recv(socket_, &byte, 1, 0) == 1) {
    }
  }
  // Closing then resets the connection instead of ending it in order.
  void will_reset() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

 private:
  static constexpr int kWaitMs = 5'000;

  bool waits_for_input(int wait_ms) const {
    pollfd ready{.fd = socket_, .events = POLLIN, .revents = 0};
    return ::poll(&ready, 1, wait_ms) == 1;
  }
  int socket_;
};

class ScriptedPeer {
 public:
  using Script = std::function<void(Line&)>;

  // Every connection runs the script once; it is closed when the script returns.
  explicit ScriptedPeer(Script script) : script_(std::move(script)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket_, 16), 0);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
  }
  ~ScriptedPeer() {
    thread_.request_stop();
    ::shutdown(socket_, SHUT_RDWR);  // wakes accept
    thread_.join();
    ::close(socket_);
  }
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  int port() const { return port_; }
  std::string url(const std::string& path = "/api/v1/edc/studies?size=1") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  int connections() const {
    const std::lock_guard lock(mutex_);
    return connections_;
  }

 private:
  void serve(const std::stop_token& stop) {
    for (int turn = 0; turn < 100 && !stop.stop_requested(); ++turn) {
      const int accepted = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (accepted < 0) return;
      {
        const std::lock_guard lock(mutex_);
        ++connections_;
      }
      Line line(accepted);
      script_(line);
      ::close(accepted);
    }
  }

  Script script_;
  int socket_;
  int port_ = 0;
  mutable std::mutex mutex_;
  int connections_ = 0;
  std::jthread thread_;
};

// Reads one request, answers, closes.
inline ScriptedPeer::Script answer(std::string text) {
  return [text = std::move(text)](Line& line) {
    if (!line.request().empty()) line.say(text);
  };
}

}  // namespace imednet::http
