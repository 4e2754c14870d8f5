#include "result_json.h"

#include <zlib.h>

#include <stdexcept>

#include "result_arrow.h"
#include "sandbox/store/digests.h"

namespace imednet::sandbox::snowflake {

namespace {

using Json = nlohmann::json;

// Few rows travel in the answer itself; chunks are cut by text size so a client can fetch them side by side.
constexpr size_t kInlineRows = 1000;
constexpr size_t kInlineBytes = 1 << 20;
constexpr size_t kChunkBytes = 2 << 20;

void append_text(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_row(std::string& out, const Row& row) {
  out += '[';
  for (size_t i = 0; i < row.size(); ++i) {
    if (i) out += ',';
    if (row[i]) {
      append_text(out, *row[i]);
    } else {
      out += "null";
    }
  }
  out += ']';
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib failed");
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib failed");
  return out;
}

Json row_type(const ResultColumn& column) {
  const bool sized = column.type.length > 0;
  const bool scaled = column.type.kind == TypeKind::fixed || column.type.kind == TypeKind::time ||
                      column.type.kind == TypeKind::timestamp_ntz || column.type.kind == TypeKind::timestamp_ltz;
  Json out = {{"name", column.name},
              {"database", ""},
              {"schema", ""},
              {"table", ""},
              {"nullable", column.nullable},
              {"type", wire_type(column.type.kind)},
              {"length", nullptr},
              {"byteLength", nullptr},
              {"precision", nullptr},
              {"scale", nullptr},
              {"collation", nullptr}};
  if (sized) out["length"] = column.type.length;
  if (sized) out["byteLength"] = column.type.kind == TypeKind::text ? std::min(column.type.length * 4, kLongestText) : column.type.length;
  if (scaled) out["scale"] = column.type.scale;
  if (scaled) out["precision"] = column.type.kind == TypeKind::fixed ? column.type.precision : 0;
  return out;
}

void add_chunk(EncodedResult& out, Json& common, const std::string& chunk_url, size_t rows, const std::string& chunk) {
  const std::string packed = gzip(chunk);
  common["chunks"].push_back({{"url", chunk_url + std::to_string(out.chunks.size())},
                              {"rowCount", rows},
                              {"uncompressedSize", chunk.size()},
                              {"compressedSize", packed.size()}});
  out.chunks.push_back(packed);
}

void announce_chunks(Json& common) {
  common["chunks"] = Json::array();
  common["chunkHeaders"] = {{"x-sandbox-chunk", "1"}};
  common["qrmk"] = nullptr;
}

// From `first` on, as far as rows and their text may go.
size_t slice_end(const std::vector<Row>& rows, size_t first, size_t most_rows, size_t most_bytes) {
  size_t at = first, bytes = 0;
  for (; at < rows.size() && at - first < most_rows && bytes < most_bytes; ++at) {
    for (const Cell& cell : rows[at]) bytes += cell ? cell->size() + 1 : 1;
  }
  return at;
}

// What is in the answer and each chunk are streams of their own. [src]
EncodedResult encode_arrow(const ResultSet& result, Json common, const std::string& chunk_url) {
  EncodedResult out;
  const ArrowEncoder encoder(result);
  const auto& rows = result.rows;
  common["queryResultFormat"] = "arrow";
  size_t at = slice_end(rows, 0, kInlineRows, kInlineBytes);
  common["rowsetBase64"] = store::base64(encoder.stream(0, at));
  if (at < rows.size()) announce_chunks(common);
  while (at < rows.size()) {
    const size_t end = slice_end(rows, at, rows.size(), kChunkBytes);
    add_chunk(out, common, chunk_url, end - at, encoder.stream(at, end));
    at = end;
  }
  out.data = common.dump(-1, ' ', false, Json::error_handler_t::replace);
  return out;
}

}  // namespace

EncodedResult encode_result(const StatementResult& result, Json common, const std::string& chunk_url, ResultFormat format) {
  EncodedResult out;
  common["rowtype"] = Json::array();
  for (const ResultColumn& column : result.result.columns) common["rowtype"].push_back(row_type(column));
  const auto& rows = result.result.rows;
  common["total"] = rows.size();
  common["returned"] = rows.size();
  common["queryResultFormat"] = "json";
  common["statementTypeId"] = result.type;
  // Everything but a query stays JSON: one client counts nothing of a COPY in Arrow. [seen]
  if (format == ResultFormat::arrow && result.type == statement_type::kSelect)
    return encode_arrow(result.result, std::move(common), chunk_url);

  std::string inline_rows;
  size_t at = 0;
  for (; at < rows.size() && at < kInlineRows && inline_rows.size() < kInlineBytes; ++at) {
    if (at) inline_rows += ',';
    append_row(inline_rows, rows[at]);
  }
  if (at < rows.size()) announce_chunks(common);
  while (at < rows.size()) {
    std::string chunk;
    const size_t first = at;
    for (; at < rows.size() && chunk.size() < kChunkBytes; ++at) {
      if (at > first) chunk += ',';
      append_row(chunk, rows[at]);
    }
    add_chunk(out, common, chunk_url, at - first, chunk);
  }
  // The rows are text already; they are put in by hand so they are not parsed and printed again.
  out.data = common.dump(-1, ' ', false, Json::error_handler_t::replace);
  out.data.pop_back();
  out.data += ",\"rowset\":[" + inline_rows + "]}";
  return out;
}

std::string success_body(const std::string& data) { return "{\"data\":" + data + ",\"code\":null,\"message\":null,\"success\":true}"; }

Json failure(const std::string& code, const std::string& message, const Json& data) {
  return {{"data", data}, {"code", code}, {"message", message}, {"success", false}};
}

Json sql_failure(const std::string& code, const std::string& sql_state, const std::string& message, const std::string& query_id) {
  return failure(code, message,
                 {{"internalError", false},
                  {"errorCode", code},
                  {"age", 0},
                  {"sqlState", sql_state},
                  {"queryId", query_id},
                  {"line", -1},
                  {"pos", -1},
                  {"type", "COMPILATION"}});
}

Json parameter_list(const std::map<std::string, std::string>& parameters) {
  Json list = Json::array();
  for (const auto& [name, value] : parameters) {
    Json typed = value;
    if (value == "true" || value == "false") typed = value == "true";
    const bool digits = !value.empty() && value.size() < 10 && value.find_first_not_of("0123456789") == std::string::npos;
    if (digits) typed = std::stoll(value);
    list.push_back({{"name", name}, {"value", typed}});
  }
  return list;
}

}  // namespace imednet::sandbox::snowflake
