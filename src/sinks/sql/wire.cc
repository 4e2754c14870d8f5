#include "sinks/sql/wire.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <functional>
#include <utility>

#include "core/stamp.h"
#include "imednet/errors.h"
#include "staging/file_batches.h"
#include "table/arrow_errors_internal.h"
#include "table/memory_internal.h"
#include "table/records_schema.h"

namespace imednet::sinks::sql {
namespace {

using table::ColumnKind;
using ArrayPtr = std::shared_ptr<arrow::Array>;

constexpr std::string_view kAction = "hand rows over";

// What the driver gets for a stamp.
std::shared_ptr<arrow::DataType> stamp_type(const Dialect& dialect) {
  return dialect.is_loosely_typed ? arrow::utf8() : arrow::timestamp(arrow::TimeUnit::MICRO);
}

std::shared_ptr<arrow::Schema> wire_schema(const Dialect& dialect) {
  arrow::FieldVector fields;
  for (const auto& field : table::records_schema()->fields()) {
    fields.push_back(field->type()->id() == arrow::Type::TIMESTAMP ? field->WithType(stamp_type(dialect)) : field);
  }
  return arrow::schema(std::move(fields));
}

ArrayPtr stamps_to_wire(const ArrayPtr& column, const Dialect& dialect) {
  if (!dialect.is_loosely_typed) {
    const auto data = column->data()->Copy();  // the same values, said to be of no zone
    data->type = stamp_type(dialect);
    return arrow::MakeArray(data);
  }
  const auto& stamps = static_cast<const arrow::TimestampArray&>(*column);
  arrow::StringBuilder builder(table::memory_pool());
  table::check(builder.Reserve(stamps.length()), kAction);
  for (std::int64_t i = 0; i < stamps.length(); ++i) {
    table::check(stamps.IsNull(i) ? builder.AppendNull() : builder.Append(core::format_stamp(stamps.Value(i))), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

constexpr std::string_view kNul("\0", 1), kEscapedNul = "\\u0000";

// All texts of a column, one behind the other: a sequence that is not in them is in none of them.
bool may_hold(const arrow::StringArray& texts, std::string_view what) {
  if (texts.length() == 0) return false;
  const auto* bytes = reinterpret_cast<const char*>(texts.raw_data() + texts.value_offset(0));
  const auto size = static_cast<std::size_t>(texts.value_offset(texts.length()) - texts.value_offset(0));
  return std::string_view(bytes, size).find(what) != std::string_view::npos;
}

// The same texts, those that are `odd` changed. How many were.
std::int64_t change_texts(ArrayPtr& column, const std::function<bool(std::string_view)>& is_odd,
                          const std::function<std::string(std::string_view)>& change) {
  const auto& texts = static_cast<const arrow::StringArray&>(*column);
  arrow::StringBuilder builder(table::memory_pool());
  std::int64_t changed = 0;
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsNull(i)) {
      table::check(builder.AppendNull(), kAction);
      continue;
    }
    const std::string_view text = texts.GetView(i);
    const bool is_one = is_odd(text);
    changed += is_one ? 1 : 0;
    table::check(is_one ? builder.Append(change(text)) : builder.Append(text), kAction);
  }
  column = table::value_of(builder.Finish(), kAction);
  return changed;
}

// JSON has no such character, only its escape, and stays as it is.
bool may_be_escaped(ColumnKind kind, const Dialect& dialect) { return kind == ColumnKind::text && !dialect.holds_nul; }

bool holds_either(std::string_view text) {
  return text.find(kNul) != std::string_view::npos || text.find(kEscapedNul) != std::string_view::npos;
}
bool is_escaped(std::string_view text) { return text.find(kEscapedNul) != std::string_view::npos; }

class WireReader final : public arrow::RecordBatchReader {
 public:
  WireReader(const std::filesystem::path& file, const Dialect& dialect, std::int64_t& escaped)
      : batches_(file), dialect_(dialect), schema_(wire_schema(dialect)), escaped_(escaped) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  // An exception must not pass through the driver's C.
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* out) override {
    try {
      const auto batch = batches_.next();
      *out = batch == nullptr ? nullptr : to_wire(*batch);
      return arrow::Status::OK();
    } catch (const ImednetError& error) {
      return arrow::Status::IOError(error.what());
    }
  }

 private:
  std::shared_ptr<arrow::RecordBatch> to_wire(const arrow::RecordBatch& batch) const {
    arrow::ArrayVector columns;
    for (int i = 0; i < batch.num_columns(); ++i) {
      const ColumnKind kind = table::records_columns()[static_cast<std::size_t>(i)].kind;
      ArrayPtr column = batch.column(i);
      if (kind == ColumnKind::timestamp) column = stamps_to_wire(column, dialect_);
      if (may_be_escaped(kind, dialect_)) {
        const auto& texts = static_cast<const arrow::StringArray&>(*column);
        if (may_hold(texts, kNul) || may_hold(texts, kEscapedNul)) escaped_ += change_texts(column, holds_either, escape_nul);
      }
      columns.push_back(std::move(column));
    }
    return arrow::RecordBatch::Make(schema_, batch.num_rows(), std::move(columns));
  }

  staging::FileBatches batches_;
  const Dialect& dialect_;
  std::shared_ptr<arrow::Schema> schema_;
  std::int64_t& escaped_;
};

[[noreturn]] void throw_other_type(std::string_view column, const arrow::Array& found) {
  throw ImednetError(fmt::format("cannot read rows: {} has the type {}", column, found.type()->ToString()),
                     {.code = errors::ErrorCode::protocol});
}

// A text with the mark before it; nullopt for null.
std::optional<std::string_view> marked(const arrow::StringArray& texts, std::int64_t row) {
  const std::string_view text = texts.IsNull(row) ? std::string_view() : texts.GetView(row);
  if (text.empty()) return std::nullopt;
  return text.substr(1);
}

// A value that was changed behind our back may be no stamp any more; then the row's hash says so.
ArrayPtr stamps_of(const arrow::StringArray& texts) {
  arrow::Int64Builder builder(table::memory_pool());
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    const auto text = marked(texts, i);
    const auto micros = text ? core::parse_stamp(*text) : std::nullopt;
    table::check(micros ? builder.Append(*micros) : builder.AppendNull(), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

ArrayPtr texts_of(const arrow::StringArray& texts) {
  arrow::StringBuilder builder(table::memory_pool());
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    const auto text = marked(texts, i);
    table::check(text ? builder.Append(*text) : builder.AppendNull(), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

ArrayPtr flags_of(const arrow::Int64Array& numbers) {
  arrow::BooleanBuilder builder(table::memory_pool());
  for (std::int64_t i = 0; i < numbers.length(); ++i) {
    table::check(numbers.IsNull(i) ? builder.AppendNull() : builder.Append(numbers.Value(i) != 0), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

ArrayPtr loose_of(const ArrayPtr& column, const table::Column& wanted) {
  const bool is_number = wanted.kind == ColumnKind::integer || wanted.kind == ColumnKind::boolean;
  if (column->type_id() != (is_number ? arrow::Type::INT64 : arrow::Type::STRING)) throw_other_type(wanted.name, *column);
  if (wanted.kind == ColumnKind::integer) return column;
  if (wanted.kind == ColumnKind::boolean) return flags_of(static_cast<const arrow::Int64Array&>(*column));
  const auto& texts = static_cast<const arrow::StringArray&>(*column);
  return wanted.kind == ColumnKind::timestamp ? stamps_of(texts) : texts_of(texts);
}

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> wire_rows(const std::filesystem::path& file, const Dialect& dialect, std::int64_t& escaped) {
  return std::make_shared<WireReader>(file, dialect, escaped);
}

std::shared_ptr<arrow::RecordBatch> from_wire(const arrow::RecordBatch& answer, const Dialect& dialect) {
  arrow::ArrayVector columns = answer.columns();
  if (dialect.is_loosely_typed && columns.size() == table::kRecordsColumns) {
    for (std::size_t i = 0; i < columns.size(); ++i) columns[i] = loose_of(columns[i], table::records_columns()[i]);
  }
  for (std::size_t i = 0; i < columns.size() && columns.size() == table::kRecordsColumns; ++i) {
    if (!may_be_escaped(table::records_columns()[i].kind, dialect) || columns[i]->type_id() != arrow::Type::STRING) continue;
    if (may_hold(static_cast<const arrow::StringArray&>(*columns[i]), kEscapedNul)) change_texts(columns[i], is_escaped, unescape_nul);
  }
  arrow::FieldVector fields;
  for (std::size_t i = 0; i < columns.size(); ++i)
    fields.push_back(arrow::field(answer.schema()->field(static_cast<int>(i))->name(), columns[i]->type()));
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), answer.num_rows(), std::move(columns));
}

std::string escape_nul(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\0') {
      out += kEscapedNul;
    } else {
      if (c == '\\') out += '\\';
      out += c;
    }
  }
  return out;
}

std::string unescape_nul(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    if (text.starts_with(kEscapedNul)) {
      out += '\0';
      text.remove_prefix(kEscapedNul.size());
      continue;
    }
    if (text.starts_with("\\\\")) text.remove_prefix(1);
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

}  // namespace imednet::sinks::sql
