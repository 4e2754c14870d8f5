#include "sinks/sql/wire.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "core/answer_values.h"
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

constexpr std::int64_t kMicrosADay = 86'400'000'000;
constexpr std::size_t kDateSize = 10;  // "2026-01-31"

bool is_stamp(ColumnKind kind) { return kind == ColumnKind::timestamp || kind == ColumnKind::moment; }

// What the driver gets for a column.
std::shared_ptr<arrow::DataType> wire_type(ColumnKind kind, const std::shared_ptr<arrow::DataType>& own, const Dialect& dialect) {
  if (dialect.is_loosely_typed && (is_stamp(kind) || kind == ColumnKind::date)) return arrow::utf8();
  return is_stamp(kind) ? arrow::timestamp(arrow::TimeUnit::MICRO) : own;
}

std::shared_ptr<arrow::Schema> wire_schema(const table::Layout& layout, const Dialect& dialect) {
  arrow::FieldVector fields;
  const auto schema = table::schema_of(layout);
  for (int i = 0; i < schema->num_fields(); ++i) {
    const auto& field = schema->field(i);
    fields.push_back(field->WithType(wire_type(layout.columns[static_cast<std::size_t>(i)].kind, field->type(), dialect)));
  }
  return arrow::schema(std::move(fields));
}

template <typename Array, typename Format>
ArrayPtr as_texts(const ArrayPtr& column, const Format& format) {
  const auto& values = static_cast<const Array&>(*column);
  arrow::StringBuilder builder(table::memory_pool());
  table::check(builder.Reserve(values.length()), kAction);
  for (std::int64_t i = 0; i < values.length(); ++i) {
    table::check(values.IsNull(i) ? builder.AppendNull() : builder.Append(format(values.Value(i))), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

std::string format_date(std::int32_t days) { return core::format_stamp(days * kMicrosADay).substr(0, kDateSize); }

ArrayPtr to_wire_column(const ArrayPtr& column, ColumnKind kind, const Dialect& dialect) {
  if (dialect.is_loosely_typed && is_stamp(kind)) return as_texts<arrow::TimestampArray>(column, core::format_stamp);
  if (dialect.is_loosely_typed && kind == ColumnKind::date) return as_texts<arrow::Date32Array>(column, format_date);
  if (!is_stamp(kind)) return column;
  const auto data = column->data()->Copy();  // the same values, said to be of no zone
  data->type = arrow::timestamp(arrow::TimeUnit::MICRO);
  return arrow::MakeArray(data);
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
  WireReader(const std::filesystem::path& file, const table::Layout& layout, const Dialect& dialect, std::int64_t& escaped)
      : batches_(file, layout), layout_(layout), dialect_(dialect), schema_(wire_schema(layout, dialect)), escaped_(escaped) {}

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
      const ColumnKind kind = layout_.columns[static_cast<std::size_t>(i)].kind;
      ArrayPtr column = to_wire_column(batch.column(i), kind, dialect_);
      if (may_be_escaped(kind, dialect_)) {
        const auto& texts = static_cast<const arrow::StringArray&>(*column);
        if (may_hold(texts, kNul) || may_hold(texts, kEscapedNul)) escaped_ += change_texts(column, holds_either, escape_nul);
      }
      columns.push_back(std::move(column));
    }
    return arrow::RecordBatch::Make(schema_, batch.num_rows(), std::move(columns));
  }

  staging::FileBatches batches_;
  const table::Layout& layout_;
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

// A value that was changed behind our back may be no stamp any more: it becomes one that no record has, so that the row's hash says so.
constexpr std::int64_t kNoStamp = std::numeric_limits<std::int64_t>::min();
constexpr std::int32_t kNoDate = std::numeric_limits<std::int32_t>::min();

ArrayPtr stamps_of(const arrow::StringArray& texts) {
  arrow::TimestampBuilder builder(arrow::timestamp(arrow::TimeUnit::MICRO), table::memory_pool());
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    const auto text = marked(texts, i);
    table::check(text ? builder.Append(core::parse_stamp(*text).value_or(kNoStamp)) : builder.AppendNull(), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

ArrayPtr dates_of(const arrow::StringArray& texts) {
  arrow::Date32Builder builder(table::memory_pool());
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    const auto text = marked(texts, i);
    table::check(text ? builder.Append(core::parse_date(*text).value_or(kNoDate)) : builder.AppendNull(), kAction);
  }
  return table::value_of(builder.Finish(), kAction);
}

// Infinity is a null (Statements::read_back).
ArrayPtr reals_of(const arrow::DoubleArray& numbers) {
  arrow::DoubleBuilder builder(table::memory_pool());
  for (std::int64_t i = 0; i < numbers.length(); ++i) {
    const bool is_null = numbers.IsNull(i) || std::isinf(numbers.Value(i));
    table::check(is_null ? builder.AppendNull() : builder.Append(numbers.Value(i)), kAction);
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

arrow::Type::type loose_type(ColumnKind kind) {
  if (kind == ColumnKind::real) return arrow::Type::DOUBLE;
  return kind == ColumnKind::integer || kind == ColumnKind::boolean ? arrow::Type::INT64 : arrow::Type::STRING;
}

ArrayPtr loose_of(const ArrayPtr& column, const table::Column& wanted) {
  if (column->type_id() != loose_type(wanted.kind)) throw_other_type(wanted.name, *column);
  if (wanted.kind == ColumnKind::integer) return column;
  if (wanted.kind == ColumnKind::boolean) return flags_of(static_cast<const arrow::Int64Array&>(*column));
  if (wanted.kind == ColumnKind::real) return reals_of(static_cast<const arrow::DoubleArray&>(*column));
  const auto& texts = static_cast<const arrow::StringArray&>(*column);
  if (is_stamp(wanted.kind)) return stamps_of(texts);
  return wanted.kind == ColumnKind::date ? dates_of(texts) : texts_of(texts);
}

}  // namespace

std::shared_ptr<arrow::RecordBatchReader> wire_rows(const std::filesystem::path& file, const table::Layout& layout, const Dialect& dialect,
                                                    std::int64_t& escaped) {
  return std::make_shared<WireReader>(file, layout, dialect, escaped);
}

std::shared_ptr<arrow::RecordBatch> from_wire(const arrow::RecordBatch& answer, const table::Layout& layout, const Dialect& dialect) {
  arrow::ArrayVector columns = answer.columns();
  const bool is_whole = columns.size() == layout.columns.size() && answer.num_rows() > 0;
  for (std::size_t i = 0; i < columns.size() && is_whole; ++i) {
    const table::Column& wanted = layout.columns[i];
    if (dialect.is_loosely_typed) columns[i] = loose_of(columns[i], wanted);
    if (!may_be_escaped(wanted.kind, dialect) || columns[i]->type_id() != arrow::Type::STRING) continue;
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
