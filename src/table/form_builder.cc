#include "table/form_builder.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "api/answer_cursor.h"
#include "core/answer_values.h"
#include "imednet/errors.h"
#include "table/column_builders_internal.h"
#include "table/named_hash.h"
#include "table/records_schema.h"
#include "table/row_hash.h"

namespace imednet::table {
namespace {

using api::Answer;
using api::AnswerForm;

constexpr std::string_view kFilling = "fill the columns of a form";
constexpr std::size_t kBytesACell = 9;  // of a column without text, about

// A JSON object that grows member by member, each with its bytes as they were sent.
class RawMembers {
 public:
  void clear() { text_.clear(); }
  void add(const Answer& answer) {
    text_ += text_.empty() ? "{\"" : ",\"";
    text_ += answer.raw_key;
    text_ += "\":";
    text_ += answer.raw;
  }
  void take_whole(std::string_view text) {
    text_ = text;
    is_whole_ = true;
  }
  // nullopt: there is none.
  std::optional<std::string_view> finish() {
    if (text_.empty()) return std::nullopt;
    if (!std::exchange(is_whole_, false)) text_ += '}';
    return text_;
  }

 private:
  std::string text_;
  bool is_whole_ = false;
};

// What can't be told apart can't be left out in part.
[[noreturn]] void refuse_answers(const RecordRow& row) {
  throw errors::ExportError(
      fmt::format("cannot stage record {}: its answers are no JSON object, so those that are to be left out can't be told from the others",
                  row.record_id.value_or(0)),
      {.code = errors::ErrorCode::decode,
       .hint = "use --layout records, or --include-blinded where that is allowed; nothing was loaded",
       .origin = {.system = "local"}});
}

bool is_missing(const Answer* answer) {
  return answer == nullptr || answer->form == AnswerForm::null || (answer->form == AnswerForm::text && answer->text.empty());
}

// Text, number and boolean are taken by what they say; nested and broken ones are no value of a typed column.
bool is_plain(const Answer& answer) {
  return answer.form == AnswerForm::text || answer.form == AnswerForm::number || answer.form == AnswerForm::boolean;
}

}  // namespace

struct FormBuilder::State {
  const FormLayout& form;
  std::shared_ptr<arrow::Schema> schema = schema_of(form.layout());
  ColumnBuilders builders = builders_of(*schema, kFilling);
  NamedHasher hasher{form.layout()};
  api::AnswerCursor cursor{};
  std::vector<const Answer*> found{};  // of the row at hand, by column of the form
  RawMembers raw{}, extra{};
  FormCounts counts{};
  std::int64_t rows = 0;
  std::size_t bytes = 0;

  explicit State(const FormLayout& layout) : form(layout) { counts.columns.resize(form.columns().size()); }

  template <typename Builder, typename T>
  void put(std::size_t place, const std::optional<T>& cell) {
    append_cell<Builder>(*builders[place], cell, kFilling);
  }
  void put_text(std::size_t place, TextCell cell) {
    bytes += cell ? cell->size() : 0;
    put<arrow::StringBuilder>(place, cell);
  }

  // In the order of form_record_columns().
  void put_record(const RecordRow& row) {
    put_text(0, row.study_key);
    put<arrow::Int64Builder>(1, row.site_id);
    put_text(2, row.subject_key);
    put<arrow::Int64Builder>(3, row.subject_id);
    put_text(4, row.subject_oid);
    put<arrow::Int64Builder>(5, row.visit_id);
    put<arrow::Int64Builder>(6, row.interval_id);
    put_text(7, row.form_key);
    put<arrow::Int64Builder>(8, row.form_id);
    put<arrow::Int64Builder>(9, row.record_id);
    put<arrow::Int64Builder>(10, row.parent_record_id);
    put_text(11, row.record_oid);
    put_text(12, row.record_type);
    put_text(13, row.record_status);
    put<arrow::BooleanBuilder>(14, row.deleted);
    put<arrow::TimestampBuilder>(15, row.date_created.micros);
    put<arrow::TimestampBuilder>(16, row.date_modified.micros);
    put_text(17, row.keywords);
  }

  // Each answer to its column; what has none, or comes a second time, into `_extra`.
  void sort_answers(const RecordRow& row) {
    found.assign(form.columns().size(), nullptr);
    const TextCell text = row.record_data ? row.record_data : row.record_data_raw;
    if (!text) return;
    if (!cursor.open(*text)) {
      if (form.leaves_answers_out()) refuse_answers(row);
      raw.take_whole(*text);
      ++counts.unreadable;
      return;
    }
    for (const Answer& answer : cursor.answers()) {
      const std::size_t column = form.find(answer.key);
      if (column == FormLayout::kLeftOut) continue;
      if (column == FormLayout::kUnknown || found[column] != nullptr) {
        extra.add(answer);
        ++counts.extra;
        continue;
      }
      found[column] = &answer;
      if (counts.columns[column].key.empty()) counts.columns[column].key = answer.key;
    }
  }

  void put_answer(const FormColumn& column, const Answer* answer, AnswerCounts& count) {
    if (!is_missing(answer)) ++count.answered;
    switch (column.kind) {
      case AnswerKind::number:
        return put_typed<arrow::DoubleBuilder>(column, answer, count, core::parse_number, core::number_text);
      case AnswerKind::flag:
        return put_typed<arrow::BooleanBuilder>(column, answer, count, core::parse_flag,
                                                [](bool flag) { return std::string_view(flag ? "true" : "false"); });
      case AnswerKind::date:
        return put_dated<arrow::Date32Builder>(column, answer, count, core::parse_date);
      case AnswerKind::moment:
        return put_dated<arrow::TimestampBuilder>(column, answer, count, core::parse_moment);
      default:
        return put_plain(column.place, answer, count);
    }
  }

  template <typename Builder, typename Parse, typename Spell>
  void put_typed(const FormColumn& column, const Answer* answer, AnswerCounts& count, Parse parse, Spell spell) {
    const bool is_there = !is_missing(answer);
    const auto value = is_there && is_plain(*answer) ? parse(answer->text) : std::nullopt;
    put<Builder>(column.place, value);
    if (!is_there || (value && spell(*value) == answer->text)) return;
    ++(value ? count.exact : count.misfits);
    raw.add(*answer);
  }

  template <typename Builder, typename Parse>
  void put_dated(const FormColumn& column, const Answer* answer, AnswerCounts& count, Parse parse) {
    const auto value = !is_missing(answer) && answer->form == AnswerForm::text ? parse(answer->text) : std::nullopt;
    put<Builder>(column.place, value);
    if (!is_missing(answer) && !value) ++count.misfits;
    AnswerCounts of_text;  // counted above
    put_plain(*column.text_place, answer, of_text);
  }

  void put_plain(std::size_t place, const Answer* answer, AnswerCounts& count) {
    const bool has_text = answer != nullptr && answer->form != AnswerForm::null;
    if (has_text && answer->form == AnswerForm::broken) {
      put_text(place, std::nullopt);
      ++count.misfits;
      raw.add(*answer);
      return;
    }
    put_text(place, has_text ? TextCell(answer->text) : std::nullopt);
  }

  void append(const RecordRow& row) {
    raw.clear();
    extra.clear();
    sort_answers(row);
    put_record(row);
    for (std::size_t i = 0; i < found.size(); ++i) put_answer(form.columns()[i], found[i], counts.columns[i]);
    put_text(form.raw_place(), raw.finish());
    put_text(form.extra_place(), extra.finish());
    bytes += builders.size() * kBytesACell;
    ++rows;
    ++counts.rows;
  }

  std::shared_ptr<arrow::RecordBatch> finish() {
    bytes = 0;
    return finish_rows(schema, builders, std::exchange(rows, 0), hasher, kFilling);
  }
};

FormBuilder::FormBuilder(const FormLayout& form) : state_(std::make_unique<State>(form)) {}
FormBuilder::~FormBuilder() = default;
FormBuilder::FormBuilder(FormBuilder&&) noexcept = default;
FormBuilder& FormBuilder::operator=(FormBuilder&&) noexcept = default;

void FormBuilder::append(const RecordRow& row) { state_->append(row); }
std::int64_t FormBuilder::rows() const { return state_->rows; }
std::size_t FormBuilder::bytes() const { return state_->bytes; }
std::shared_ptr<arrow::RecordBatch> FormBuilder::finish() { return state_->finish(); }
const FormCounts& FormBuilder::counts() const { return state_->counts; }

}  // namespace imednet::table
