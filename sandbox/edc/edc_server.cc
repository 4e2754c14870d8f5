#include "sandbox/edc/edc_server.h"

#include <stdexcept>

#include "sandbox/edc/api_handler.h"
#include "sandbox/edc/connection_server.h"
#include "sandbox/edc/control_handler.h"

namespace imednet::sandbox::edc {
namespace {

// The examples of the export guide read a study of this name.
constexpr const char* kGuideStudy = "MY_STUDY";
constexpr const char* kSampleStudy = "CDISCPILOT01";

}  // namespace

class EdcServer::Parts {
 public:
  explicit Parts(EdcServerOptions options)
      : options_(std::move(options)),
        api_(store_, orders_, log_, {options_.api_key, options_.security_key}, options_.latency),
        control_(store_, orders_, log_) {
    if (options_.bind_host != "127.0.0.1" && options_.bind_host != "localhost")
      throw std::invalid_argument("the sandbox binds to the loopback interface only, not to " + options_.bind_host);
    store_.load(options_.studies);
    for (const SyntheticStudy& synthetic : options_.synthetic) {
      store_.add_synthetic(synthetic);
    }
    store_.add_alias(kGuideStudy, kSampleStudy);
    const auto handler = [this](const httplib::Request& request, httplib::Response& response) { handle(request, response); };
    const std::string any_path = "/.*";
    server_.Get(any_path, handler).Post(any_path, handler).Put(any_path, handler).Patch(any_path, handler).Delete(any_path, handler);
    server_.start(options_.bind_host, options_.port);
  }

  ConnectionServer& server() { return server_; }
  const std::string& host() const { return options_.bind_host; }

 private:
  void handle(const httplib::Request& request, httplib::Response& response) {
    if (options_.allow_faults && request.target.rfind("/sandbox/", 0) == 0) {
      control_.handle(request, response);
    } else {
      api_.handle(request, response, server_.stop_signal());
    }
  }

  const EdcServerOptions options_;
  StudyStore store_;
  OrderBook orders_;
  RequestLog log_;
  ApiHandler api_;
  ControlHandler control_;
  ConnectionServer server_;  // last, so that it stops before what it serves goes
};

EdcServer::EdcServer(EdcServerOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {}
EdcServer::~EdcServer() = default;

int EdcServer::port() const { return parts_->server().port(); }
std::string EdcServer::base_url() const { return "http://" + parts_->host() + ":" + std::to_string(port()); }
void EdcServer::stop() { parts_->server().shut_down(); }

}  // namespace imednet::sandbox::edc
