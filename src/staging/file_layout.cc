#include "staging/file_layout.h"

#include <arrow/io/file.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <optional>
#include <utility>
#include <vector>

#include "imednet/errors.h"
#include "staging/file_facts_internal.h"
#include "table/arrow_errors_internal.h"
#include "table/dimensions.h"
#include "table/form_layout.h"
#include "table/records_layout.h"

namespace imednet::staging {
namespace {

constexpr std::string_view kTelling = "read the layout of a staged file";

std::optional<int> version_of(std::string_view layout) {
  if (layout == table::kRecordsLayout) return table::kRecordsLayoutVersion;
  if (layout == table::kFormsLayout) return table::kFormsLayoutVersion;
  if (layout == table::kDimensionLayout) return table::kDimensionLayoutVersion;
  return std::nullopt;
}

table::ColumnKind kind_of_type(const arrow::DataType& type, const std::filesystem::path& path) {
  switch (type.id()) {
    case arrow::Type::INT64:
      return table::ColumnKind::integer;
    case arrow::Type::BOOL:
      return table::ColumnKind::boolean;
    case arrow::Type::DOUBLE:
      return table::ColumnKind::real;
    case arrow::Type::DATE32:
      return table::ColumnKind::date;
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? table::ColumnKind::moment : table::ColumnKind::timestamp;
    case arrow::Type::STRING:
      return table::ColumnKind::text;
    default:
      throw_corrupt(path, fmt::format("a column has the type {}", type.ToString()));
  }
}

std::vector<table::OwnedColumn> columns_of(const arrow::Schema& schema, const std::filesystem::path& path) {
  std::vector<table::OwnedColumn> columns;
  for (const auto& field : schema.fields()) {
    columns.push_back({.name = field->name(), .kind = kind_of_type(*field->type(), path), .nullable = field->nullable()});
    if (const auto& pairs = field->metadata(); pairs != nullptr) columns.back().comment = pairs->Get("label").ValueOr("");
  }
  if (columns.empty() || columns.back().name != "_row_hash") throw_corrupt(path, "its last column is not _row_hash");
  return columns;
}

std::shared_ptr<const table::OwnedLayout> read_layout(const std::filesystem::path& path) {
  parquet::arrow::FileReaderBuilder builder;
  table::check(builder.Open(table::value_of(arrow::io::ReadableFile::Open(open_for_reading(path).release()), kTelling)), kTelling);
  const auto footer = builder.raw_reader()->metadata();
  const std::string name = metadata_value(*footer, kLayoutKey, path);
  const std::optional<int> version = version_of(name);
  if (!version || metadata_value(*footer, kLayoutVersionKey, path) != std::to_string(*version)) {
    throw errors::ExportError(fmt::format("cannot read staged file {}: this build does not know its layout {} of version {}", path.string(),
                                          name, metadata_value(*footer, kLayoutVersionKey, path)),
                              {.code = errors::ErrorCode::unsupported,
                               .hint = "stage the study again with this build, or use the newer one",
                               .origin = {.system = "local"}});
  }
  if (name == table::kRecordsLayout) return nullptr;
  const auto reader = table::value_of(builder.Build(), kTelling);
  std::shared_ptr<arrow::Schema> schema;
  table::check(reader->GetSchema(&schema), kTelling);
  return std::make_shared<const table::OwnedLayout>(name, *version, columns_of(*schema, path));
}

}  // namespace

FileLayout::FileLayout(const std::filesystem::path& path) {
  try {
    owned_ = read_layout(path);
  } catch (const parquet::ParquetException&) {
    throw_corrupt(path, "it is not a whole Parquet file");
  }
  layout_ = owned_ ? &owned_->layout() : &table::records_layout();
}

}  // namespace imednet::staging
