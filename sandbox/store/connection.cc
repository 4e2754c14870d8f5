#include "sandbox/store/connection.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>

namespace imednet::sandbox::store {

// The library does not tell its socket; the pair of ports does.
void end_connection(const httplib::Request& request) {
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

}  // namespace imednet::sandbox::store
