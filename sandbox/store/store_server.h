// store_server.h: an object store over TLS on this machine, whatever its kind.
#pragma once

#include <httplib.h>

#include <memory>
#include <string>

#include "sandbox/store/request_orders.h"
#include "sandbox/store/test_authority.h"

namespace imednet::sandbox::store {

// What requests to one kind of store do.
class StoreRequests {
 public:
  virtual ~StoreRequests() = default;
  virtual void get(const httplib::Request& request, httplib::Response& response) = 0;  // and HEAD
  virtual void put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) = 0;
  virtual void post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader) = 0;
  virtual void remove(const httplib::Request& request, httplib::Response& response) = 0;
  // As this store answers that request when that goes wrong.
  virtual void refuse(const RequestFault& fault, const httplib::Request& request, httplib::Response& response) const = 0;
};

class StoreServer {
 public:
  // On 127.0.0.1; port 0 is chosen by the system. `orders` may be null. Throws std::runtime_error.
  StoreServer(std::unique_ptr<StoreRequests> requests, const TestAuthority& authority, int port = 0, RequestOrders* orders = nullptr);
  ~StoreServer();
  StoreServer(const StoreServer&) = delete;
  StoreServer& operator=(const StoreServer&) = delete;

  int port() const;
  void stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace imednet::sandbox::store
