#include "table/dimensions.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "core/stamp.h"
#include "imednet/errors.h"
#include "table/column_builders_internal.h"
#include "table/named_hash.h"
#include "table/outer_columns.h"
#include "table/records_schema.h"
#include "table/utf8_internal.h"

namespace imednet::table {
namespace {

using enum ColumnKind;

constexpr std::string_view kFillingDimension = "fill a dimension";

template <class Model>
struct DimensionField {
  Column column;
  std::variant<OptionalText Model::*, OptionalId Model::*, OptionalFlag Model::*> member;
};

template <class Model>
struct DimensionTable {
  std::string_view name, key;
  OptionalId Model::*id;
  std::vector<DimensionField<Model>> fields;  // the one of the key first
};

constexpr Column kElementColumn{"_raw", json_raw, false, "the whole element, the JSON text as sent"};

const DimensionTable<Study>& table_of(const Study*) {
  static const DimensionTable<Study> kTable{"STUDY",
                                            "study_id",
                                            &Study::study_id,
                                            {{{"study_id", integer, false, "the API's own number"}, &Study::study_id},
                                             {{"sponsor_key", text, true, "key of the sponsor"}, &Study::sponsor_key},
                                             {{"study_name", text, true, "name of the study"}, &Study::study_name},
                                             {{"study_description", text, true, "description"}, &Study::study_description},
                                             {{"study_type", text, true, "STUDY, ..."}, &Study::study_type},
                                             {{"date_created", timestamp, true, "when it was made, UTC"}, &Study::date_created},
                                             {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &Study::date_modified}}};
  return kTable;
}

const DimensionTable<Site>& table_of(const Site*) {
  static const DimensionTable<Site> kTable{
      "SITE",
      "site_id",
      &Site::site_id,
      {{{"site_id", integer, false, "id of the site"}, &Site::site_id},
       {{"site_name", text, true, "name of the site"}, &Site::site_name},
       {{"site_enrollment_status", text, true, "whether it enrolls, in the tenant's words"}, &Site::site_enrollment_status},
       {{"date_created", timestamp, true, "when it was made, UTC"}, &Site::date_created},
       {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &Site::date_modified}}};
  return kTable;
}

const DimensionTable<Subject>& table_of(const Subject*) {
  static const DimensionTable<Subject> kTable{
      "SUBJECT",
      "subject_id",
      &Subject::subject_id,
      {{{"subject_id", integer, false, "id of the subject"}, &Subject::subject_id},
       {{"subject_oid", text, true, "client-assigned id"}, &Subject::subject_oid},
       {{"subject_key", text, true, "as people write it"}, &Subject::subject_key},
       {{"subject_status", text, true, "status of the subject"}, &Subject::subject_status},
       {{"site_id", integer, true, "id of its site"}, &Subject::site_id},
       {{"site_name", text, true, "name of its site"}, &Subject::site_name},
       {{"deleted", boolean, true, "soft-deleted in the EDC"}, &Subject::deleted},
       {{"enrollment_start_date", text, true, "as sent"}, &Subject::enrollment_start_date},
       {{"date_created", timestamp, true, "when it was made, UTC"}, &Subject::date_created},
       {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &Subject::date_modified}}};
  return kTable;
}

const DimensionTable<Interval>& table_of(const Interval*) {
  static const DimensionTable<Interval> kTable{
      "INTERVAL",
      "interval_id",
      &Interval::interval_id,
      {{{"interval_id", integer, false, "id of the interval (planned visit)"}, &Interval::interval_id},
       {{"interval_name", text, true, "name of the interval"}, &Interval::interval_name},
       {{"interval_description", text, true, "description"}, &Interval::interval_description},
       {{"interval_sequence", integer, true, "place in the order"}, &Interval::interval_sequence},
       {{"interval_group_id", integer, true, "id of its group"}, &Interval::interval_group_id},
       {{"interval_group_name", text, true, "name of its group"}, &Interval::interval_group_name},
       {{"disabled", boolean, true, "no longer offered for entry"}, &Interval::disabled},
       {{"date_created", timestamp, true, "when it was made, UTC"}, &Interval::date_created},
       {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &Interval::date_modified}}};
  return kTable;
}

const DimensionTable<Visit>& table_of(const Visit*) {
  static const DimensionTable<Visit> kTable{
      "VISIT",
      "visit_id",
      &Visit::visit_id,
      {{{"visit_id", integer, false, "id of the subject's visit"}, &Visit::visit_id},
       {{"interval_id", integer, true, "id of its interval"}, &Visit::interval_id},
       {{"interval_name", text, true, "name of its interval"}, &Visit::interval_name},
       {{"subject_id", integer, true, "id of its subject"}, &Visit::subject_id},
       {{"subject_key", text, true, "key of its subject"}, &Visit::subject_key},
       {{"start_date", text, true, "as sent"}, &Visit::start_date},
       {{"end_date", text, true, "as sent"}, &Visit::end_date},
       {{"due_date", text, true, "as sent"}, &Visit::due_date},
       {{"visit_date", text, true, "as sent"}, &Visit::visit_date},
       {{"visit_date_form", text, true, "form that the date was entered on"}, &Visit::visit_date_form},
       {{"visit_date_question", text, true, "variable that the date was entered as"}, &Visit::visit_date_question},
       {{"deleted", boolean, true, "soft-deleted in the EDC"}, &Visit::deleted},
       {{"date_created", timestamp, true, "when it was made, UTC"}, &Visit::date_created},
       {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &Visit::date_modified}}};
  return kTable;
}

const DimensionTable<Form>& table_of(const Form*) {
  static const DimensionTable<Form> kTable{"FORM",
                                           "form_id",
                                           &Form::form_id,
                                           {{{"form_id", integer, false, "id of the form"}, &Form::form_id},
                                            {{"form_key", text, true, "key of the form"}, &Form::form_key},
                                            {{"form_name", text, true, "name of the form"}, &Form::form_name},
                                            {{"form_type", text, true, "as sent"}, &Form::form_type},
                                            {{"revision", integer, true, "counted up when the form is changed"}, &Form::revision},
                                            {{"disabled", boolean, true, "no longer offered for entry"}, &Form::disabled},
                                            {{"date_created", timestamp, true, "when it was made, UTC"}, &Form::date_created},
                                            {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &Form::date_modified}}};
  return kTable;
}

const DimensionTable<VariableInTable>& table_of(const VariableInTable*) {
  static const DimensionTable<VariableInTable> kTable{
      "VARIABLE",
      "variable_id",
      &VariableInTable::variable_id,
      {{{"variable_id", integer, false, "id of the variable"}, &VariableInTable::variable_id},
       {{"form_id", integer, true, "id of its form"}, &VariableInTable::form_id},
       {{"form_key", text, true, "key of its form"}, &VariableInTable::form_key},
       {{"form_name", text, true, "name of its form"}, &VariableInTable::form_name},
       {{"variable_name", text, true, "as the metadata spells it"}, &VariableInTable::variable_name},
       {{"answer_key", text, true, "as the first record spells it; null: no record has it, or it is left out"},
        &VariableInTable::answer_key},
       {{"table_name", text, true, "the table its column is in; null: none, or files alone"}, &VariableInTable::table_name},
       {{"column_name", text, true, "its column in that table; null: none"}, &VariableInTable::column_name},
       {{"text_column_name", text, true, "the column with a date's exact text; null: none"}, &VariableInTable::text_column_name},
       {{"variable_type", text, true, "as sent"}, &VariableInTable::variable_type},
       {{"label", text, true, "the question as a person reads it"}, &VariableInTable::label},
       {{"variable_oid", text, true, "client-assigned id"}, &VariableInTable::variable_oid},
       {{"sequence", integer, true, "place on the form"}, &VariableInTable::sequence},
       {{"revision", integer, true, "counted up when changed"}, &VariableInTable::revision},
       {{"disabled", boolean, true, "no longer offered for entry"}, &VariableInTable::disabled},
       {{"deleted", boolean, true, "soft-deleted in the EDC"}, &VariableInTable::deleted},
       {{"blinded", boolean, true, "hidden from blinded roles"}, &VariableInTable::blinded},
       {{"date_created", timestamp, true, "when it was made, UTC"}, &VariableInTable::date_created},
       {{"date_modified", timestamp, true, "when it was last changed, UTC"}, &VariableInTable::date_modified}}};
  return kTable;
}

template <class Model>
const Layout& layout_of() {
  const DimensionTable<Model>& table = table_of(static_cast<const Model*>(nullptr));
  static const std::vector<Column> kColumns = [&] {
    std::vector<Column> columns{kStudyKeyColumn};
    for (const auto& field : table.fields) columns.push_back(field.column);
    columns.push_back(kElementColumn);
    columns.push_back(kRowHashColumn);
    return columns;
  }();
  static const Layout kLayout{kDimensionLayout, kDimensionLayoutVersion, kColumns, table.key, true};
  return kLayout;
}

[[noreturn]] void refuse_element(std::string_view name, std::string_view cause) {
  throw errors::ExportError(fmt::format("cannot make the dimension {}: {}", name, cause),
                            {.code = errors::ErrorCode::decode, .hint = "use --layout records", .origin = {.system = "imednet"}});
}

class DimensionBuilder {
 public:
  DimensionBuilder(std::string_view name, const Layout& layout)
      : name_(name), layout_(layout), schema_(schema_of(layout)), builders_(builders_of(*schema_, kFillingDimension)) {}

  void begin_row() { place_ = 0; }
  void put(const OptionalText& value) {
    if (value && !is_utf8(*value)) refuse_element(name_, fmt::format("a {} is not UTF-8", layout_.columns[place_].name));
    if (layout_.columns[place_].kind != timestamp) return append<arrow::StringBuilder>(value);
    append<arrow::TimestampBuilder>(value ? core::parse_stamp(*value) : std::nullopt);
  }
  void put(const OptionalId& value) {
    if (!value && !layout_.columns[place_].nullable)
      refuse_element(name_, fmt::format("an element has no {}", layout_.columns[place_].name));
    append<arrow::Int64Builder>(value);
  }
  void put(const OptionalFlag& value) { append<arrow::BooleanBuilder>(value); }

  std::shared_ptr<arrow::RecordBatch> finish(std::int64_t rows) {
    NamedHasher hasher(layout_);
    return finish_rows(schema_, builders_, rows, hasher, kFillingDimension);
  }

 private:
  template <typename Builder, typename T>
  void append(const std::optional<T>& value) {
    append_cell<Builder>(*builders_[place_++], value, kFillingDimension);
  }

  std::string_view name_;
  const Layout& layout_;
  std::shared_ptr<arrow::Schema> schema_;
  ColumnBuilders builders_;
  std::size_t place_ = 0;
};

template <class Model>
Dimension build(const std::string& study_key, std::vector<Model> elements) {
  const DimensionTable<Model>& table = table_of(static_cast<const Model*>(nullptr));
  std::ranges::stable_sort(elements, {}, [&](const Model& element) { return (element.*table.id).value_or(0); });
  DimensionBuilder builder(table.name, layout_of<Model>());
  for (const Model& element : elements) {
    builder.begin_row();
    builder.put(OptionalText(study_key));
    for (const auto& field : table.fields) std::visit([&](auto member) { builder.put(element.*member); }, field.member);
    builder.put(OptionalText(element.raw));
  }
  return {table.name, &layout_of<Model>(), builder.finish(static_cast<std::int64_t>(elements.size()))};
}

}  // namespace

Dimension dimension_of(const std::string& study_key, std::vector<Study> studies) { return build(study_key, std::move(studies)); }
Dimension dimension_of(const std::string& study_key, std::vector<Site> sites) { return build(study_key, std::move(sites)); }
Dimension dimension_of(const std::string& study_key, std::vector<Subject> subjects) { return build(study_key, std::move(subjects)); }
Dimension dimension_of(const std::string& study_key, std::vector<Interval> intervals) { return build(study_key, std::move(intervals)); }
Dimension dimension_of(const std::string& study_key, std::vector<Visit> visits) { return build(study_key, std::move(visits)); }
Dimension dimension_of(const std::string& study_key, std::vector<Form> forms) { return build(study_key, std::move(forms)); }
Dimension dimension_of(const std::string& study_key, std::vector<VariableInTable> variables) {
  return build(study_key, std::move(variables));
}

}  // namespace imednet::table
