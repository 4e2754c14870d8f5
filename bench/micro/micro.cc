// micro: each step of a record's way by itself, beside what it can't be faster than. Takes answers of the API from files.
//
// One line a step: name, what it is held against, MB of JSON a second of both, rows a second, and the ratio. One thread; the best of the
// rounds counts, since whatever else runs can only slow a round down.
#include <arrow/io/file.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>
#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>

#include "api/envelope.h"
#include "api/record_cursor.h"
#include "core/digest.h"
#include "core/temporary_directory.h"
#include "imednet/errors.h"
#include "sinks/snowflake/identifiers.h"
#include "staging/batch_files.h"
#include "staging/row_chunks.h"
#include "table/memory_internal.h"
#include "table/records_schema.h"
#include "table/row_hash.h"

namespace {

using namespace imednet;
using Clock = std::chrono::steady_clock;
using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

constexpr const char* kStudy = "MICRO";

// What the compiler may not leave out.
std::uint64_t sink = 0;

struct Given {
  std::vector<std::string> bodies;
  std::vector<api::Page> pages;
  std::vector<std::string> canonical;  // bytes of rows, as they are hashed
  std::vector<std::string> texts;      // record_data
  Batches batches;
  std::size_t json_bytes = 0;
  std::int64_t rows = 0;
};

double best_seconds(int rounds, const std::function<void()>& work) {
  double best = 1e9;
  for (int round = 0; round < rounds; ++round) {
    const auto began = Clock::now();
    work();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - began).count());
  }
  return best;
}

void for_each_record(const std::vector<api::Page>& pages, const std::function<void(const api::RecordView&)>& visit) {
  api::RecordCursor cursor;
  for (const api::Page& page : pages) {
    cursor.open(page);
    while (const api::RecordView* record = cursor.next()) visit(*record);
  }
}

Batches built(const std::vector<api::Page>& pages) {
  staging::RowChunks chunks(kStudy, {.first = 0, .batch_size = 1 << 30});
  Batches batches;
  for_each_record(pages, [&](const api::RecordView& record) {
    if (chunks.append(record)) batches.push_back(chunks.take().rows);
  });
  batches.push_back(chunks.take().rows);
  return batches;
}

table::RecordRow row_of(const api::RecordView& record) {
  table::RecordRow row;
  row.study_key = record.study_key;
  row.form_key = record.form_key;
  row.record_id = record.record_id;
  row.record_oid = record.record_oid;
  row.record_status = record.record_status;
  row.subject_key = record.subject_key;
  row.record_data = record.record_data;
  return row;
}

Given read_given(int count, char** files) {
  Given given;
  for (int i = 0; i < count; ++i) {
    std::ifstream in(files[i], std::ios::binary);
    std::string body(std::istreambuf_iterator<char>(in), {});
    if (body.empty()) throw std::runtime_error("an answer is empty or can't be read");
    given.json_bytes += body.size();
    given.pages.push_back(api::read_envelope(body));
    given.bodies.push_back(std::move(body));
  }
  for_each_record(given.pages, [&](const api::RecordView& record) {
    ++given.rows;
    table::append_canonical_bytes(row_of(record), given.canonical.emplace_back());
    given.texts.emplace_back(record.record_data.value_or(""));
  });
  given.batches = built(given.pages);
  return given;
}

void copy_bodies(const Given& given) {
  std::string to;
  for (const std::string& body : given.bodies) {
    to.resize(body.size());
    std::memcpy(to.data(), body.data(), body.size());
    sink += static_cast<unsigned char>(to.back());
  }
}

// The whole document is indexed once and each field of a record is walked over.
void walk_with_simdjson(const Given& given) {
  simdjson::ondemand::parser parser;
  for (const api::Page& page : given.pages) {
    auto document = parser.iterate(page.body.data(), page.body.size(), page.body.capacity());
    for (auto record : document["data"].get_array()) {
      for (auto field : record.get_object()) sink += std::string_view(field.escaped_key()).size();
    }
  }
}

void decode(const Given& given) {
  for (const std::string& body : given.bodies) {
    const api::Page page = api::read_envelope(body);
    api::RecordCursor cursor;
    cursor.open(page);
    while (const api::RecordView* record = cursor.next()) sink += static_cast<std::uint64_t>(record->record_id);
  }
}

void write_with_arrow(const Given& given, const std::filesystem::path& folder) {
  const auto properties = parquet::WriterProperties::Builder()
                              .compression(parquet::Compression::ZSTD)
                              ->compression_level(3)
                              ->disable_dictionary("record_data")
                              ->build();
  const auto out = arrow::io::FileOutputStream::Open((folder / "arrow.parquet").string()).ValueOrDie();
  const auto writer = parquet::arrow::FileWriter::Open(*table::records_schema(), table::memory_pool(), out, properties).ValueOrDie();
  for (const auto& batch : given.batches) {
    if (!writer->WriteRecordBatch(*batch).ok()) throw std::runtime_error("Arrow's writer failed");
  }
  if (!writer->Close().ok()) throw std::runtime_error("Arrow's writer failed");
}

void encode(const Given& given, const std::filesystem::path& folder) {
  staging::BatchFiles files({.directory = folder, .study_key = kStudy}, 0);
  for (const auto& batch : given.batches) files.append({.rows = batch, .bytes = given.json_bytes / given.batches.size()});
  sink += files.finish().size();
}

void whole_way(const Given& given, const std::filesystem::path& folder) {
  staging::BatchFiles files({.directory = folder, .study_key = kStudy}, 0);
  staging::RowChunks chunks(kStudy, {.first = 0, .batch_size = 1 << 30});
  api::RecordCursor cursor;
  for (const std::string& body : given.bodies) {
    const api::Page page = api::read_envelope(body);
    cursor.open(page);
    while (const api::RecordView* record = cursor.next()) {
      if (chunks.append(*record)) files.append(chunks.take());
    }
  }
  files.append(chunks.take());
  sink += files.finish().size();
}

void hash_in_one_piece(const Given& given) {
  core::Sha256 digest;
  for (const std::string& bytes : given.canonical) digest.update(bytes);
  sink += digest.finish()[0];
}

void hash_rows(const Given& given) {
  table::RowHasher hasher;
  for_each_record(given.pages, [&](const api::RecordView& record) { sink += static_cast<unsigned char>(hasher.hash(row_of(record))[0]); });
}

void quote_texts(const Given& given) {
  for (const std::string& text : given.texts) sink += sinks::snowflake::literal(text).size();
}

void copy_texts(const Given& given) {
  for (const std::string& text : given.texts) sink += static_cast<unsigned char>(std::string(text).back());
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) return fmt::print(stderr, "usage: imednet-micro STEP|every ROUNDS ANSWER...\n"), 2;
  try {
    const std::string only = arguments[1];
    const int rounds = std::atoi(arguments[2]);
    const Given given = read_given(count - 3, arguments + 3);
    const core::TemporaryDirectory folder(core::temporary_root(), "imednet-micro");
    const auto megabytes = static_cast<double>(given.json_bytes) / 1e6;
    fmt::print("{} records in {} answers of {:.1f} MB\n", given.rows, given.pages.size(), megabytes);
    fmt::print("{:<10}{:>10}{:>14}   {:<34}{:>10}{:>8}\n", "step", "MB/s", "rows/s", "held against", "MB/s", "ratio");
    const auto line = [&](const char* step, const std::function<void()>& ours, const char* limit, const std::function<void()>& theirs) {
      if (only != "every" && only != step) return;
      const double seconds = best_seconds(rounds, ours), least = best_seconds(rounds, theirs);
      fmt::print("{:<10}{:>10.0f}{:>14.0f}   {:<34}{:>10.0f}{:>8.2f}\n", step, megabytes / seconds,
                 static_cast<double>(given.rows) / seconds, limit, megabytes / least, seconds / least);
    };
    const auto walk = [&] { walk_with_simdjson(given); };
    line(
        "decode", [&] { decode(given); }, "simdjson, one walk over the fields", walk);
    line(
        "build", [&] { sink += built(given.pages).size(); }, "simdjson, one walk over the fields", walk);
    line(
        "hash", [&] { hash_rows(given); }, "SHA-256 of the same bytes at once", [&] { hash_in_one_piece(given); });
    line(
        "encode", [&] { encode(given, folder.path()); }, "Arrow's writer, its own pages", [&] { write_with_arrow(given, folder.path()); });
    line(
        "quote", [&] { quote_texts(given); }, "a copy of the texts", [&] { copy_texts(given); });
    line(
        "all", [&] { whole_way(given, folder.path()); }, "a copy of the answers", [&] { copy_bodies(given); });
    return sink == 0 ? 1 : 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "imednet-micro: {}\n", error.what());
    return 1;
  }
}
