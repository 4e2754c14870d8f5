#include "sandbox/edc/answer_writer.h"

#include <zlib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "sandbox/edc/connection_server.h"

namespace imednet::sandbox::edc {
namespace {

constexpr std::size_t kSmallestZipped = 1024;
constexpr std::size_t kPaddingPiece = 1 << 16;
constexpr int kHangSteps = 6000;
constexpr std::chrono::milliseconds kHangStep{100};
constexpr int kGzipFormat = 15 + 16;  // zlib's window bits, plus 16 for a gzip header

std::string gzipped(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipFormat, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("cannot start zlib");
  }
  std::string zipped(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(zipped.data());
  stream.avail_out = static_cast<uInt>(zipped.size());
  const int result = deflate(&stream, Z_FINISH);
  zipped.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) {
    throw std::runtime_error("cannot gzip an answer");
  }
  return zipped;
}

bool takes_gzip(const httplib::Request& request) {
  const std::string accepted = request.get_header_value("Accept-Encoding");
  return accepted.find("gzip") != std::string::npos && accepted.find("gzip;q=0") == std::string::npos;
}

class BodyWriter {
 public:
  BodyWriter(std::string body, const WireFault& fault, const StopSignal& stop) : body_(std::move(body)), fault_(fault), stop_(stop) {}

  std::size_t length() const { return std::max(body_.size(), fault_.padded_to); }

  // Sends a piece of the body from `offset` on; false ends the connection.
  bool write(std::size_t offset, httplib::DataSink& sink) const {
    if (fault_.cut_after && offset >= *fault_.cut_after) {
      drop_connection();
      return false;
    }
    if (fault_.hang_after && offset >= *fault_.hang_after) {
      hang(stop_);
      drop_connection();
      return false;
    }
    if (fault_.per_byte.count() > 0 && !stop_.sleep(fault_.per_byte)) {
      return false;
    }
    const std::size_t most =
        std::min({length() - offset, piece(), left_until(fault_.cut_after, offset), left_until(fault_.hang_after, offset)});
    if (offset < body_.size()) {
      return sink.write(body_.data() + offset, std::min(most, body_.size() - offset));
    }
    static const std::string kSpaces(kPaddingPiece, ' ');
    return sink.write(kSpaces.data(), std::min(most, kSpaces.size()));
  }

 private:
  std::size_t piece() const { return fault_.per_byte.count() > 0 ? 1 : std::string::npos; }
  static std::size_t left_until(const std::optional<std::size_t>& end, std::size_t offset) {
    return end ? *end - offset : std::string::npos;
  }

  std::string body_;
  WireFault fault_;
  const StopSignal& stop_;
};

}  // namespace

void hang(const StopSignal& stop) {
  for (int step = 0; step < kHangSteps && connection_is_alive(); ++step) {
    if (!stop.sleep(kHangStep)) {
      return;
    }
  }
}

void write_answer(Answer answer, const httplib::Request& request, httplib::Response& response, const StopSignal& stop) {
  if (answer.fault.drop) {
    drop_connection();
    return;
  }
  response.status = answer.status;
  for (const auto& [name, value] : answer.headers) {
    response.set_header(name, value);
  }
  if (answer.fault.padded_to == 0 && answer.body.size() >= kSmallestZipped && takes_gzip(request)) {
    answer.body = gzipped(answer.body);
    response.set_header("Content-Encoding", "gzip");
    response.set_header("Vary", "Accept-Encoding");
  }
  // A content provider, even for plain answers, because the library would compress a body set as text in its own, slower way.
  const auto writer = std::make_shared<const BodyWriter>(std::move(answer.body), answer.fault, stop);
  if (writer->length() > 0) {
    response.set_content_provider(
        writer->length(), answer.content_type,
        [writer](std::size_t offset, std::size_t, httplib::DataSink& sink) { return writer->write(offset, sink); });
  }
}

}  // namespace imednet::sandbox::edc
