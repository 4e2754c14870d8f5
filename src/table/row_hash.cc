#include "table/row_hash.h"

#include "table/canonical_bytes_internal.h"

namespace imednet::table {
namespace {

// Format: docs/formats/records-layout.md, "Row hash". A change of one byte here is a new version of the layout.
constexpr std::string_view kRecordsHeader = "imednet records row v1\n";

class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  void operator()(const TextCell& cell) {
    if (tag(cell.has_value(), kTextTag)) {
      append_eight_bytes(out_, cell->size());
      out_ += *cell;
    }
  }
  void operator()(const IntegerCell& cell) {
    if (tag(cell.has_value(), kIntegerTag)) {
      append_eight_bytes(out_, static_cast<std::uint64_t>(*cell));
    }
  }
  void operator()(const BooleanCell& cell) {
    if (tag(cell.has_value(), kBooleanTag)) {
      out_ += static_cast<char>(*cell ? 1 : 0);
    }
  }
  void operator()(const TimestampCell& cell) {
    if (tag(cell.micros.has_value(), kTimestampTag)) {
      append_eight_bytes(out_, static_cast<std::uint64_t>(*cell.micros));
    }
  }

 private:
  bool tag(bool present, char tag_byte) {
    out_ += present ? tag_byte : kNullTag;
    return present;
  }

  std::string& out_;
};

}  // namespace

void append_canonical_bytes(const RecordRow& row, std::string& out) {
  out += kRecordsHeader;
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
