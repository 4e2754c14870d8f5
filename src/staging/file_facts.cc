#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/statistics.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <span>
#include <vector>

#include "imednet/errors.h"
#include "staging/file_facts_internal.h"
#include "staging/parquet_stage.h"
#include "table/arrow_errors_internal.h"
#include "table/memory_internal.h"
#include "table/records_layout.h"
#include "table/records_schema.h"

namespace imednet::staging {
namespace {

using errors::ErrorCode;
using errors::ErrorDetail;
using errors::ExportError;

constexpr std::string_view kReadBack = "read back a staged file";

void digest_file(int file, StagedFile& facts) {
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    throw_file_error("read back staged file", facts.path, errno);
  }
  core::Sha256 digest;
  std::vector<char> piece(std::size_t{1} << 20);
  for (;;) {
    const ssize_t got = ::pread(file, piece.data(), piece.size(), facts.bytes);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      throw_file_error("read back staged file", facts.path, errno);
    }
    if (got == 0) {
      break;
    }
    digest.update({piece.data(), static_cast<std::size_t>(got)});
    facts.bytes += got;
  }
  if (facts.bytes != status.st_size) {
    throw_corrupt(facts.path, "its size changes while it is read");
  }
  facts.sha256 = core::hex(digest.finish());
}

void refuse_unknown(const parquet::FileMetaData& footer, const std::filesystem::path& path, const table::Layout& layout) {
  const struct {
    std::string_view key;
    std::string known;
  } kExpected[] = {{kFormatKey, std::string(kFormatVersion)},
                   {kLayoutKey, std::string(layout.name)},
                   {kLayoutVersionKey, std::to_string(layout.version)}};
  for (const auto& [key, known] : kExpected) {
    const std::string value = metadata_value(footer, key, path);
    if (value != known) {
      throw ExportError(
          fmt::format("cannot read staged file {}: its {} is \"{}\", this build knows \"{}\"", path.string(), key, value, known),
          ErrorDetail{.code = ErrorCode::unsupported,
                      .hint = "stage the study again with this build, or use the newer one",
                      .origin = {.system = "local"}});
    }
  }
}

void count_values(const parquet::FileMetaData& footer, const table::Layout& layout, StagedFile& facts) {
  const std::span<const table::Column> columns = layout.columns;
  if (footer.num_columns() != static_cast<int>(columns.size())) {
    throw_corrupt(facts.path, "it has other columns than the layout");
  }
  for (int c = 0; c < footer.num_columns(); ++c) {
    const table::Column& column = columns[static_cast<std::size_t>(c)];
    if (footer.schema()->Column(c)->name() != column.name) {
      throw_corrupt(facts.path, "its columns are not in the order of the layout");
    }
    std::int64_t nulls = 0;
    for (int g = 0; g < footer.num_row_groups(); ++g) {
      const auto statistics = footer.RowGroup(g)->ColumnChunk(c)->statistics();
      if (statistics == nullptr || !statistics->HasNullCount()) {
        throw_corrupt(facts.path, fmt::format("its footer does not count the nulls of {}", column.name));
      }
      nulls += statistics->null_count();
    }
    facts.non_null.emplace_back(column.name, footer.num_rows() - nulls);
  }
  facts.rows = footer.num_rows();
}

// Row hashes and record ids, one row group at a time.
void read_content(parquet::arrow::FileReader& reader, const table::Layout& layout, StagedFile& facts) {
  const auto expected = table::schema_of(layout);
  std::shared_ptr<arrow::Schema> stored;
  table::check(reader.GetSchema(&stored), kReadBack);
  if (!stored->Equals(*expected, /*check_metadata=*/false)) {
    throw_corrupt(facts.path, "its columns have other types than the layout");
  }
  const std::vector<int> wanted{expected->GetFieldIndex(std::string(layout.key)), expected->num_fields() - 1};
  ContentHash content(layout.name, layout.version);
  std::int64_t seen = 0;
  for (int g = 0; g < reader.num_row_groups(); ++g) {
    const auto rows = table::value_of(reader.ReadRowGroup(g, wanted), kReadBack);
    for (const auto& chunk : rows->column(0)->chunks()) {
      const auto& ids = static_cast<const arrow::Int64Array&>(*chunk);
      if (ids.length() > 0) {
        facts.first_record_id = seen == 0 ? ids.Value(0) : facts.first_record_id;
        facts.last_record_id = ids.Value(ids.length() - 1);
        seen += ids.length();
      }
    }
    for (const auto& chunk : rows->column(1)->chunks()) {
      const auto& hashes = static_cast<const arrow::StringArray&>(*chunk);
      for (std::int64_t i = 0; i < hashes.length(); ++i) {
        content.add(hashes.GetView(i));
      }
    }
  }
  facts.content_hash = content.finish();
  if (seen != facts.rows) {
    throw_corrupt(facts.path, "its footer and its rows count differently");
  }
}

void read_parquet(std::shared_ptr<arrow::io::RandomAccessFile> input, const table::Layout& layout, StagedFile& facts) {
  parquet::arrow::FileReaderBuilder builder;
  table::check(builder.Open(std::move(input), parquet::ReaderProperties(table::memory_pool())), kReadBack);
  builder.memory_pool(table::memory_pool());
  const auto footer = builder.raw_reader()->metadata();
  refuse_unknown(*footer, facts.path, layout);
  facts.batch_id = metadata_value(*footer, kBatchKey, facts.path);
  count_values(*footer, layout, facts);
  const auto reader = table::value_of(builder.Build(), kReadBack);
  read_content(*reader, layout, facts);
  if (facts.content_hash != metadata_value(*footer, kContentHashKey, facts.path)) {
    throw_corrupt(facts.path, "its rows are not those its content hash names");
  }
}

}  // namespace

ContentHash::ContentHash(std::string_view layout, int layout_version) {
  digest_.update(fmt::format("imednet {} layout v{}\n", layout, layout_version));
}

std::string metadata_value(const parquet::FileMetaData& footer, std::string_view key, const std::filesystem::path& path) {
  const auto& pairs = footer.key_value_metadata();
  const int place = pairs == nullptr ? -1 : pairs->FindKey(std::string(key));
  if (place < 0) {
    throw_corrupt(path, fmt::format("its metadata has no {}", key));
  }
  return pairs->value(place);
}

void throw_corrupt(const std::filesystem::path& path, std::string_view cause) {
  throw ExportError(
      fmt::format("cannot trust staged file {}: {}", path.string(), cause),
      ErrorDetail{.code = ErrorCode::corrupt, .hint = "remove the file and stage the study again", .origin = {.system = "local"}});
}

StagedFile read_facts(Descriptor file, const std::filesystem::path& path, const table::Layout& layout) {
  StagedFile facts;
  facts.path = path;
  facts.file_name = path.filename().string();
  digest_file(file.get(), facts);
  try {
    read_parquet(table::value_of(arrow::io::ReadableFile::Open(file.release()), kReadBack), layout, facts);
  } catch (const parquet::ParquetException&) {
    throw_corrupt(path, "it is not a whole Parquet file");
  }
  return facts;
}

StagedFile read_staged_file(const std::filesystem::path& path, const table::Layout& layout) {
  return read_facts(open_for_reading(path), path, layout);
}

}  // namespace imednet::staging
