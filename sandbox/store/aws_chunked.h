// aws_chunked.h: bodies in Amazon's chunked form, as the AWS SDKs send them (Content-Encoding: aws-chunked). [doc]
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace imednet::sandbox::store {

// <hex size>[;chunk-signature=…] CRLF bytes CRLF …, a chunk of no bytes, then trailers as "name:value" and an empty line.
class AwsChunked {
 public:
  using Sink = std::function<bool(std::string_view)>;
  explicit AwsChunked(Sink sink) : sink_(std::move(sink)) {}

  // False: it is not of that form, or the sink wants no more.
  bool add(std::string_view bytes);
  bool is_complete() const { return state_ == State::done; }
  std::int64_t size() const { return size_; }  // of what was unpacked
  const std::map<std::string, std::string>& trailers() const { return trailers_; }

 private:
  enum class State { head, data, data_end, trailer, done };
  bool take_line();
  bool take_head();
  bool take_trailer();

  Sink sink_;
  State state_ = State::head;
  std::string line_;
  std::int64_t left_ = 0, size_ = 0;
  std::map<std::string, std::string> trailers_;
};

}  // namespace imednet::sandbox::store
