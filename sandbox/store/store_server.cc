#include "sandbox/store/store_server.h"

#include <chrono>
#include <functional>
#include <stdexcept>
#include <thread>

namespace imednet::sandbox::store {
namespace {

constexpr const char* kHost = "127.0.0.1";
constexpr std::size_t kThreads = 128;  // an idle connection keeps one
constexpr int kKeepAliveSeconds = 2, kReadSeconds = 60;
constexpr const char* kAny = R"(/.*)";

void read_away(const httplib::ContentReader& reader) {
  reader([](const char*, std::size_t) { return true; });
}

// A body that nobody asked for is read all the same: what is left of it would be taken for the next request.
void with_body(const httplib::ContentReader& reader, const std::function<void(const httplib::ContentReader&)>& act) {
  bool is_read = false;
  const httplib::ContentReader watched(
      [&](httplib::ContentReceiver receiver) {
        is_read = true;
        return reader(std::move(receiver));
      },
      [](httplib::MultipartContentHeader, httplib::ContentReceiver) { return false; });
  act(watched);
  if (!is_read) read_away(reader);
}

}  // namespace

struct StoreServer::Impl {
  Impl(std::unique_ptr<StoreRequests> kind, const TestAuthority& authority, int wanted_port, RequestOrders* ordered)
      : requests(std::move(kind)), orders(ordered), https(authority.certificate(), authority.key()) {
    if (!https.is_valid()) throw std::runtime_error("cannot serve TLS");
    https.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    https.set_tcp_nodelay(true);
    https.set_keep_alive_timeout(kKeepAliveSeconds);
    https.set_read_timeout(kReadSeconds);
    install();
    port = wanted_port == 0 ? https.bind_to_any_port(kHost) : https.bind_to_port(kHost, wanted_port) ? wanted_port : -1;
    if (port <= 0) throw std::runtime_error("cannot bind the object store to a port of 127.0.0.1");
    listener = std::thread([this] { https.listen_after_bind(); });
    for (int waited = 0; !https.is_running() && waited < 5000; ++waited) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  void install() {
    using httplib::Request, httplib::Response, httplib::ContentReader;
    const auto carried = [this](const Request& request, Response& response, std::function<void()> drain, std::function<void()> act) {
      return Carried{"store", std::move(drain), std::move(act),
                     [this, &request, &response](const RequestFault& fault) { requests->refuse(fault, request, response); }};
    };
    const auto nothing = [] {};
    https.Get(kAny, [=, this](const Request& request, Response& response) {
      // The library would send a range as it was asked for, also past the object's end; it is ours to answer.
      const_cast<Request&>(request).ranges.clear();
      carry_out(orders, request, response, carried(request, response, nothing, [&] { requests->get(request, response); }));
    });
    https.Delete(kAny, [=, this](const Request& request, Response& response) {
      carry_out(orders, request, response, carried(request, response, nothing, [&] { requests->remove(request, response); }));
    });
    https.Put(kAny, [=, this](const Request& request, Response& response, const ContentReader& reader) {
      const auto put = [&](const ContentReader& body) { requests->put(request, response, body); };
      carry_out(orders, request, response,
                carried(
                    request, response, [&] { read_away(reader); }, [&] { with_body(reader, put); }));
    });
    https.Post(kAny, [=, this](const Request& request, Response& response, const ContentReader& reader) {
      const auto post = [&](const ContentReader& body) { requests->post(request, response, body); };
      carry_out(orders, request, response,
                carried(
                    request, response, [&] { read_away(reader); }, [&] { with_body(reader, post); }));
    });
  }

  void stop() {
    if (!listener.joinable()) return;
    https.stop();
    listener.join();
  }

  std::unique_ptr<StoreRequests> requests;
  RequestOrders* orders;
  httplib::SSLServer https;
  std::thread listener;
  int port = 0;
};

StoreServer::StoreServer(std::unique_ptr<StoreRequests> requests, const TestAuthority& authority, int port, RequestOrders* orders)
    : impl_(std::make_unique<Impl>(std::move(requests), authority, port, orders)) {}
StoreServer::~StoreServer() { stop(); }
int StoreServer::port() const { return impl_->port; }
void StoreServer::stop() { impl_->stop(); }

}  // namespace imednet::sandbox::store
