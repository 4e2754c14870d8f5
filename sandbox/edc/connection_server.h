#pragma once

#include <httplib.h>

#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "sandbox/edc/stop_signal.h"

namespace imednet::sandbox::edc {

// The HTTP library's server with its connections in our hands: they can be dropped from inside a handler, and stopping does not wait
// for clients that keep theirs open.
class ConnectionServer : public httplib::Server {
 public:
  ConnectionServer();
  ~ConnectionServer() override;

  // Port 0 lets the system choose. Throws std::runtime_error when the address cannot be had.
  void start(const std::string& host, int port);
  void shut_down();
  int port() const { return port_; }
  const StopSignal& stop_signal() const { return stop_; }

 private:
  bool process_and_close_socket(socket_t sock) override;

  StopSignal stop_;
  std::thread listener_;
  std::mutex mutex_;
  std::set<socket_t> open_;
  int port_ = 0;
};

// Of the connection that the calling thread serves.
void drop_connection();
bool connection_is_alive();

}  // namespace imednet::sandbox::edc
