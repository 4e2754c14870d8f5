#include "sandbox/edc/connection_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace imednet::sandbox::edc {
namespace {

// A connection keeps its thread while it is open, so there are more threads than any client here opens connections.
constexpr std::size_t kThreads = 64;
constexpr std::size_t kRequestsPerConnection = 1'000'000'000;
constexpr int kIdleMs = 30'000;
constexpr int kTransferMs = 60'000;
constexpr int kBacklog = 256;

thread_local socket_t current_socket = INVALID_SOCKET;

bool wait_for(socket_t sock, short events, int timeout_ms) {
  pollfd descriptor{sock, events, 0};
  int ready = -1;
  do {
    ready = poll(&descriptor, 1, timeout_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

class SocketStream final : public httplib::Stream {
 public:
  explicit SocketStream(socket_t sock) : socket_(sock) {}

  bool buffered() const { return at_ < end_; }
  bool is_readable() const override { return buffered() || wait_for(socket_, POLLIN, kTransferMs); }
  bool is_writable() const override { return wait_for(socket_, POLLOUT, kTransferMs); }

  ssize_t read(char* ptr, size_t size) override {
    if (!buffered()) {
      if (!is_readable()) {
        return -1;
      }
      const ssize_t received = recv(socket_, buffer_.data(), buffer_.size(), 0);
      if (received <= 0) {
        return received;
      }
      at_ = 0;
      end_ = static_cast<std::size_t>(received);
    }
    const std::size_t length = std::min(size, end_ - at_);
    std::copy_n(buffer_.data() + at_, length, ptr);
    at_ += length;
    return static_cast<ssize_t>(length);
  }

  ssize_t write(const char* ptr, size_t size) override {
    std::size_t written = 0;
    while (written < size) {
      const ssize_t sent = is_writable() ? send(socket_, ptr + written, size - written, MSG_NOSIGNAL) : -1;
      if (sent < 0) {
        return -1;
      }
      written += static_cast<std::size_t>(sent);
    }
    return static_cast<ssize_t>(written);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { describe(&getpeername, ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { describe(&getsockname, ip, port); }
  socket_t socket() const override { return socket_; }

 private:
  void describe(int (*name_of)(int, sockaddr*, socklen_t*), std::string& ip, int& port) const {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    std::array<char, INET_ADDRSTRLEN> text{};
    if (name_of(socket_, reinterpret_cast<sockaddr*>(&address), &length) == 0 && address.sin_family == AF_INET &&
        inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size()) != nullptr) {
      ip = text.data();
      port = ntohs(address.sin_port);
    }
  }

  socket_t socket_;
  std::array<char, 16384> buffer_{};
  std::size_t at_ = 0;
  std::size_t end_ = 0;
};

}  // namespace

ConnectionServer::ConnectionServer() {
  new_task_queue = [] { return new httplib::ThreadPool(kThreads); };  // the library takes ownership
  set_tcp_nodelay(true);
  // The library's own choice would let two servers share a port and each get some of the clients.
  set_socket_options([](socket_t sock) {
    const int on = 1;
    setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  set_keep_alive_max_count(kRequestsPerConnection);
  set_keep_alive_timeout(kIdleMs / 1000);
}

ConnectionServer::~ConnectionServer() { shut_down(); }

void ConnectionServer::start(const std::string& host, int port) {
  port_ = port == 0 ? bind_to_any_port(host) : (bind_to_port(host, port) ? port : -1);
  if (port_ <= 0) {
    throw std::runtime_error("cannot listen on " + host + ":" + std::to_string(port));
  }
  // The library listens with room for five clients; a sixth that comes in the same moment would wait a second.
  ::listen(svr_sock_, kBacklog);
  listener_ = std::thread([this] { listen_after_bind(); });
}

void ConnectionServer::shut_down() {
  if (!listener_.joinable()) {
    return;
  }
  stop_.raise();
  // The library ignores stop() before its loop has begun.
  for (int i = 0; i < 1000 && !is_running(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stop();
  {
    const std::scoped_lock lock(mutex_);
    for (const socket_t sock : open_) {
      ::shutdown(sock, SHUT_RDWR);
    }
  }
  listener_.join();
}

bool ConnectionServer::process_and_close_socket(socket_t sock) {
  const int on = 1;
  setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  {
    const std::scoped_lock lock(mutex_);
    open_.insert(sock);
  }
  current_socket = sock;
  SocketStream stream(sock);
  for (std::size_t left = kRequestsPerConnection; left > 0 && !stop_.raised(); --left) {
    bool closed = false;
    if (!stream.buffered() && !wait_for(sock, POLLIN, kIdleMs)) {
      break;
    }
    if (!process_request(stream, left == 1, closed, [](httplib::Request&) {}) || closed) {
      break;
    }
  }
  current_socket = INVALID_SOCKET;
  const std::scoped_lock lock(mutex_);
  open_.erase(sock);
  ::shutdown(sock, SHUT_RDWR);
  return ::close(sock) == 0;
}

void drop_connection() {
  if (current_socket != INVALID_SOCKET) {
    ::shutdown(current_socket, SHUT_RDWR);
  }
}

bool connection_is_alive() {
  char byte = 0;
  const ssize_t received = recv(current_socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return received > 0 || (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

}  // namespace imednet::sandbox::edc
