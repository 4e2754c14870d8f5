#include "result_arrow.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "identifier.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
constexpr int kFractionDigits = 9;
constexpr int kFinestInOneInteger = 7;  // year 9999 in 10^-7 seconds still fits 64 bits
constexpr int kMostDigits = 38;

void check(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

template <typename T>
T taken(arrow::Result<T> result) {
  check(result.status());
  return std::move(result).ValueUnsafe();
}

arrow::Decimal128 unscaled(const std::string& text, int scale) {
  arrow::Decimal128 value;
  int32_t precision = 0, given = 0;
  check(arrow::Decimal128::FromString(text, &value, &precision, &given));
  return taken(value.Rescale(given, scale));
}

// "seconds.fraction" as whole seconds, rounded down, and nanoseconds above them.
struct Moment {
  int64_t seconds = 0, nanos = 0;
};
Moment moment_of(const std::string& text) {
  const bool is_negative = text.starts_with('-');
  const size_t dot = std::min(text.find('.'), text.size());
  Moment out{std::llabs(std::atoll(text.substr(0, dot).c_str())), 0};
  std::string fraction = text.substr(std::min(dot + 1, text.size()));
  fraction.resize(kFractionDigits, '0');
  out.nanos = std::atoll(fraction.c_str());
  if (!is_negative) return out;
  out.seconds = -out.seconds - (out.nanos > 0 ? 1 : 0);
  if (out.nanos > 0) out.nanos = kNanosPerSecond - out.nanos;
  return out;
}

int64_t ticks_of(const std::string& text, int scale) {
  const Moment moment = moment_of(text);
  int64_t per_second = 1;
  for (int i = 0; i < scale; ++i) per_second *= 10;
  return moment.seconds * per_second + moment.nanos / (kNanosPerSecond / per_second);
}

std::string bytes_of(const std::string& hex) {
  std::string out;
  for (size_t at = 0; at + 1 < hex.size(); at += 2) out += static_cast<char>(std::strtol(hex.substr(at, 2).c_str(), nullptr, 16));
  return out;
}

bool is_timestamp(TypeKind kind) {
  return kind == TypeKind::timestamp_ntz || kind == TypeKind::timestamp_ltz || kind == TypeKind::timestamp_tz;
}

std::shared_ptr<arrow::DataType> number_type(const ResultSet& result, size_t column) {
  const int scale = result.columns[column].type.scale;
  int bits = 8;
  for (const Row& row : result.rows) {
    if (!row[column]) continue;
    const arrow::Decimal128 value = unscaled(*row[column], scale);
    while (bits <= 64 && (value > arrow::Decimal128((uint64_t{1} << (bits - 1)) - 1) ||
                          value < -arrow::Decimal128((uint64_t{1} << (bits - 1)) - 1) - arrow::Decimal128(1)))
      bits *= 2;
    if (bits > 64) return arrow::decimal128(kMostDigits, scale);
  }
  return bits == 8 ? arrow::int8() : bits == 16 ? arrow::int16() : bits == 32 ? arrow::int32() : arrow::int64();
}

std::shared_ptr<arrow::DataType> arrow_type(const ResultSet& result, size_t column) {
  const ColumnType& type = result.columns[column].type;
  const auto epoch = arrow::field("epoch", arrow::int64()), fraction = arrow::field("fraction", arrow::int32());
  if (type.kind == TypeKind::timestamp_tz) return arrow::struct_({epoch, fraction, arrow::field("timezone", arrow::int32())});
  if (is_timestamp(type.kind)) return type.scale <= kFinestInOneInteger ? arrow::int64() : arrow::struct_({epoch, fraction});
  switch (type.kind) {
    case TypeKind::fixed:
      return number_type(result, column);
    case TypeKind::real:
      return arrow::float64();
    case TypeKind::boolean:
      return arrow::boolean();
    case TypeKind::date:
      return arrow::date32();
    case TypeKind::time:
      return arrow::int64();
    case TypeKind::binary:
      return arrow::binary();
    default:
      return arrow::utf8();
  }
}

std::shared_ptr<arrow::Field> field_of(const ResultSet& result, size_t index) {
  const ResultColumn& column = result.columns[index];
  const ColumnType& type = column.type;
  const long bytes = type.kind == TypeKind::text ? std::min(type.length * 4, kLongestText) : type.length;
  return arrow::field(column.name, arrow_type(result, index), true,
                      arrow::key_value_metadata(
                          {"logicalType", "precision", "scale", "charLength", "byteLength"},
                          {to_upper(wire_type(type.kind)), std::to_string(type.kind == TypeKind::fixed ? type.precision : kMostDigits),
                           std::to_string(type.scale), std::to_string(type.length), std::to_string(bytes)}));
}

template <typename Builder, typename Value>
void append_as(arrow::ArrayBuilder& builder, Value value) {
  check(static_cast<Builder&>(builder).Append(static_cast<typename Builder::value_type>(value)));
}

void append_integer(arrow::ArrayBuilder& builder, int64_t value) {
  switch (builder.type()->id()) {
    case arrow::Type::INT8:
      return append_as<arrow::Int8Builder>(builder, value);
    case arrow::Type::INT16:
      return append_as<arrow::Int16Builder>(builder, value);
    case arrow::Type::INT32:
      return append_as<arrow::Int32Builder>(builder, value);
    default:
      return append_as<arrow::Int64Builder>(builder, value);
  }
}

// "seconds.fraction[ zone]"
void append_moment(arrow::StructBuilder& builder, const std::string& cell) {
  const size_t blank = std::min(cell.find(' '), cell.size());
  const Moment moment = moment_of(cell.substr(0, blank));
  check(builder.Append());
  append_as<arrow::Int64Builder>(*builder.field_builder(0), moment.seconds);
  append_as<arrow::Int32Builder>(*builder.field_builder(1), moment.nanos);
  if (builder.num_fields() == 2) return;
  const int64_t zone = blank < cell.size() ? std::atoll(cell.c_str() + blank + 1) : 1440;
  append_as<arrow::Int32Builder>(*builder.field_builder(2), zone);
}

void append(arrow::ArrayBuilder& builder, const ColumnType& type, const std::string& cell) {
  switch (builder.type()->id()) {
    case arrow::Type::DECIMAL128:
      return check(static_cast<arrow::Decimal128Builder&>(builder).Append(unscaled(cell, type.scale)));
    case arrow::Type::STRUCT:
      return append_moment(static_cast<arrow::StructBuilder&>(builder), cell);
    case arrow::Type::DOUBLE:
      return check(static_cast<arrow::DoubleBuilder&>(builder).Append(std::strtod(cell.c_str(), nullptr)));
    case arrow::Type::BOOL:
      return check(static_cast<arrow::BooleanBuilder&>(builder).Append(cell == "1"));
    case arrow::Type::DATE32:
      return check(static_cast<arrow::Date32Builder&>(builder).Append(std::atoi(cell.c_str())));
    case arrow::Type::BINARY:
      return check(static_cast<arrow::BinaryBuilder&>(builder).Append(bytes_of(cell)));
    case arrow::Type::STRING:
      return check(static_cast<arrow::StringBuilder&>(builder).Append(cell));
    default:
      break;
  }
  if (type.kind != TypeKind::fixed) return append_integer(builder, ticks_of(cell, type.scale));
  append_integer(builder, static_cast<int64_t>(unscaled(cell, type.scale).low_bits()));
}

}  // namespace

struct ArrowEncoder::Impl {
  const ResultSet& result;
  std::shared_ptr<arrow::Schema> schema;
};

ArrowEncoder::ArrowEncoder(const ResultSet& result) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < result.columns.size(); ++i) fields.push_back(field_of(result, i));
  impl_.reset(new Impl{result, arrow::schema(fields)});
}

ArrowEncoder::~ArrowEncoder() = default;

std::string ArrowEncoder::stream(size_t first, size_t last) const {
  arrow::ArrayVector columns;
  for (size_t i = 0; i < impl_->result.columns.size(); ++i) {
    const auto builder = taken(arrow::MakeBuilder(impl_->schema->field(static_cast<int>(i))->type()));
    for (size_t row = first; row < last; ++row) {
      const Cell& cell = impl_->result.rows[row][i];
      if (cell)
        append(*builder, impl_->result.columns[i].type, *cell);
      else
        check(builder->AppendNull());
    }
    columns.push_back(taken(builder->Finish()));
  }
  const auto out = taken(arrow::io::BufferOutputStream::Create());
  const auto writer = taken(arrow::ipc::MakeStreamWriter(out, impl_->schema));
  if (last > first) check(writer->WriteRecordBatch(*arrow::RecordBatch::Make(impl_->schema, static_cast<int64_t>(last - first), columns)));
  check(writer->Close());
  return taken(out->Finish())->ToString();
}

}  // namespace imednet::sandbox::snowflake
