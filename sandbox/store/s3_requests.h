// s3_requests.h: what one request to the store does.
#pragma once

#include <httplib.h>

#include "sandbox/store/s3_server.h"

namespace imednet::sandbox::store {

class S3Requests {
 public:
  S3Requests(ObjectStore& store, S3ServerOptions options) : store_(store), options_(std::move(options)) {}

  void get(const httplib::Request& request, httplib::Response& response);  // and HEAD
  void put(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader);
  void post(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader);
  void remove(const httplib::Request& request, httplib::Response& response);

 private:
  // The key; nothing when the request was refused, and the response then says so.
  std::optional<std::string> admitted(const httplib::Request& request, httplib::Response& response) const;
  void list(const httplib::Request& request, httplib::Response& response) const;
  std::unique_ptr<Upload> receive(const httplib::Request& request, httplib::Response& response, const httplib::ContentReader& reader);
  void complete(const httplib::Request& request, httplib::Response& response, const std::string& body);

  ObjectStore& store_;
  S3ServerOptions options_;
};

}  // namespace imednet::sandbox::store
