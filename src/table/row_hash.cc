#include "table/row_hash.h"

namespace imednet::table {
namespace {

// Format: docs/formats/records-layout.md, "Row hash". A change of one byte here is a new version of the layout.
constexpr std::string_view kHeader = "imednet records row v1\n";
constexpr char kNull = 0x00;
constexpr char kText = 0x01;
constexpr char kInteger = 0x02;
constexpr char kBoolean = 0x03;
constexpr char kTimestamp = 0x04;

class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  void operator()(const TextCell& cell) {
    if (tag(cell.has_value(), kText)) {
      eight_bytes(cell->size());
      out_ += *cell;
    }
  }
  void operator()(const IntegerCell& cell) {
    if (tag(cell.has_value(), kInteger)) {
      eight_bytes(static_cast<std::uint64_t>(*cell));
    }
  }
  void operator()(const BooleanCell& cell) {
    if (tag(cell.has_value(), kBoolean)) {
      out_ += static_cast<char>(*cell ? 1 : 0);
    }
  }
  void operator()(const TimestampCell& cell) {
    if (tag(cell.micros.has_value(), kTimestamp)) {
      eight_bytes(static_cast<std::uint64_t>(*cell.micros));
    }
  }

 private:
  bool tag(bool present, char tag_byte) {
    out_ += present ? tag_byte : kNull;
    return present;
  }

  void eight_bytes(std::uint64_t value) {  // least significant first, whatever the machine
    char bytes[8];
    for (char& byte : bytes) {
      byte = static_cast<char>(value & 0xFFu);
      value >>= 8;
    }
    out_.append(bytes, sizeof bytes);
  }

  std::string& out_;
};

}  // namespace

void append_canonical_bytes(const RecordRow& row, std::string& out) {
  out += kHeader;
  for_each_cell(row, CanonicalWriter(out));
}

std::string_view RowHasher::hash(const RecordRow& row) {
  bytes_.clear();
  append_canonical_bytes(row, bytes_);
  digest_.update(bytes_);
  const core::Sha256Bytes digest = digest_.finish();
  core::write_hex(std::span(digest).first(kBytes), text_.data());
  return {text_.data(), text_.size()};
}

}  // namespace imednet::table
