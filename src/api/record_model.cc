#include "api/record_model.h"

#include <fmt/format.h>
#include <simdjson.h>

#include "api/scalar.h"
#include "imednet/errors.h"

namespace imednet {
namespace {

OptionalText copy(const std::optional<std::string_view>& text) { return text ? OptionalText(std::string(*text)) : std::nullopt; }

}  // namespace

Record api::to_record(const RecordView& view) {
  Record record;
  record.study_key = copy(view.study_key);
  record.interval_id = view.interval_id;
  record.form_id = view.form_id;
  record.form_key = copy(view.form_key);
  record.site_id = view.site_id;
  record.record_id = view.record_id;
  record.record_oid = copy(view.record_oid);
  record.record_type = copy(view.record_type);
  record.record_status = copy(view.record_status);
  record.deleted = view.deleted;
  record.date_created = copy(view.date_created);
  record.date_modified = copy(view.date_modified);
  record.subject_id = view.subject_id;
  record.subject_oid = copy(view.subject_oid);
  record.subject_key = copy(view.subject_key);
  record.visit_id = view.visit_id;
  record.parent_record_id = view.parent_record_id;
  record.keywords = copy(view.keywords);
  record.record_data = copy(view.record_data);
  record.raw = std::string(view.raw);
  return record;
}

OptionalText Record::value(std::string_view variable_name) const {
  if (!record_data) return std::nullopt;
  try {
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(*record_data);
    simdjson::ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      if (std::string_view(field.unescaped_key()) != variable_name) continue;
      simdjson::ondemand::value value = field.value();
      if (value.type() == simdjson::ondemand::json_type::object || value.type() == simdjson::ondemand::json_type::array)
        return copy(api::read_raw(value));
      return copy(api::read_text(value, variable_name));
    }
  } catch (const simdjson::simdjson_error&) {
    throw errors::ApiError(fmt::format("cannot read a variable of record {}: its recordData is not proper JSON", record_id),
                           {.code = errors::ErrorCode::decode, .origin = {.system = "imednet"}});
  }
  return std::nullopt;
}

}  // namespace imednet
