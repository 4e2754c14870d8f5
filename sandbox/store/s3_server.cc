#include "sandbox/store/s3_server.h"

#include <stdexcept>
#include <thread>

#include "sandbox/store/s3_requests.h"

namespace imednet::sandbox::store {
namespace {

constexpr const char* kHost = "127.0.0.1";
constexpr std::size_t kThreads = 32;
constexpr int kKeepAliveSeconds = 5;
constexpr const char* kAny = R"(/.*)";

}  // namespace

struct S3Server::Impl {
  Impl(ObjectStore& store, const TestAuthority& authority, S3ServerOptions options)
      : requests(store, options), https(authority.certificate(), authority.key()) {
    if (!https.is_valid()) throw std::runtime_error("cannot serve TLS");
    https.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    https.set_tcp_nodelay(true);
    https.set_keep_alive_timeout(kKeepAliveSeconds);
    https.set_read_timeout(60);
    https.Get(kAny, [this](const auto& request, auto& response) { requests.get(request, response); });
    https.Put(kAny, [this](const auto& request, auto& response, const auto& reader) { requests.put(request, response, reader); });
    https.Post(kAny, [this](const auto& request, auto& response, const auto& reader) { requests.post(request, response, reader); });
    https.Delete(kAny, [this](const auto& request, auto& response) { requests.remove(request, response); });
    port = options.port == 0 ? https.bind_to_any_port(kHost) : https.bind_to_port(kHost, options.port) ? options.port : -1;
    if (port <= 0) throw std::runtime_error("cannot bind the object store to a port of 127.0.0.1");
    listener = std::thread([this] { https.listen_after_bind(); });
    for (int waited = 0; !https.is_running() && waited < 5000; ++waited) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void stop() {
    if (!listener.joinable()) return;
    https.stop();
    listener.join();
  }

  S3Requests requests;
  httplib::SSLServer https;
  std::thread listener;
  int port = 0;
};

S3Server::S3Server(ObjectStore& store, const TestAuthority& authority, S3ServerOptions options)
    : impl_(std::make_unique<Impl>(store, authority, std::move(options))) {}
S3Server::~S3Server() { stop(); }
int S3Server::port() const { return impl_->port; }
void S3Server::stop() { impl_->stop(); }

}  // namespace imednet::sandbox::store
