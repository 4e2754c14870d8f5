#include "api/record_cursor.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <array>

#include "api/scalar.h"

namespace imednet::api {
namespace {

namespace json = simdjson::ondemand;

using Read = void (*)(RecordView&, json::value, std::string_view);

template <RecordView::Text RecordView::*Member>
void read_text_field(RecordView& view, json::value value, std::string_view field) {
  view.*Member = read_text(value, field);
}
template <RecordView::Id RecordView::*Member>
void read_id_field(RecordView& view, json::value value, std::string_view field) {
  view.*Member = read_id(value, field);
}
template <RecordView::Text RecordView::*Member>
void read_raw_field(RecordView& view, json::value value, std::string_view) {
  view.*Member = read_raw(value);
}

void read_deleted(RecordView& view, json::value value, std::string_view field) { view.deleted = read_flag(value, field); }

void read_record_data(RecordView& view, json::value value, std::string_view field) {
  view.record_data = std::nullopt;
  if (value.type() == json::json_type::object) {
    view.record_data = read_raw(value);
  } else if (!read_text(value, field).value_or("").empty()) {
    throw_undecodable(field, "is not an object");
  }
}

struct RecordField {
  std::string_view name;
  Read read;
};

// In the order the API sends them, so that the next one is nearly always the one looked for. recordId is read apart.
constexpr std::array kFields = {
    RecordField{"studyKey", read_text_field<&RecordView::study_key>},
    RecordField{"intervalId", read_id_field<&RecordView::interval_id>},
    RecordField{"formId", read_id_field<&RecordView::form_id>},
    RecordField{"formKey", read_text_field<&RecordView::form_key>},
    RecordField{"siteId", read_id_field<&RecordView::site_id>},
    RecordField{"recordOid", read_text_field<&RecordView::record_oid>},
    RecordField{"recordType", read_text_field<&RecordView::record_type>},
    RecordField{"recordStatus", read_text_field<&RecordView::record_status>},
    RecordField{"deleted", read_deleted},
    RecordField{"dateCreated", read_text_field<&RecordView::date_created>},
    RecordField{"dateModified", read_text_field<&RecordView::date_modified>},
    RecordField{"subjectId", read_id_field<&RecordView::subject_id>},
    RecordField{"subjectOid", read_text_field<&RecordView::subject_oid>},
    RecordField{"subjectKey", read_text_field<&RecordView::subject_key>},
    RecordField{"visitId", read_id_field<&RecordView::visit_id>},
    RecordField{"parentRecordId", read_id_field<&RecordView::parent_record_id>},
    RecordField{"keywords", read_raw_field<&RecordView::keywords>},
    RecordField{"recordData", read_record_data},
};

[[noreturn]] void throw_at_record(const errors::ApiError& error, std::optional<std::int64_t> id, std::optional<std::int64_t> before) {
  const std::string where = id       ? fmt::format("record {}", *id)
                            : before ? fmt::format("the record after {}", *before)
                                     : std::string("the first record of the page");
  throw errors::ApiError(fmt::format("{} ({})", error.what(), where), error.detail());
}

}  // namespace

struct RecordCursor::State {
  json::parser parser;
  json::document document;
  json::array_iterator position, end;
  std::string_view data;
  bool has_more = false;
  RecordView view;
  std::optional<std::int64_t> before;

  void read_fields(json::object object, std::optional<std::int64_t>& id) {
    std::size_t expected = 0;
    for (auto field : object) {
      const std::string_view key = name_of(field);
      if (key == "recordId") {
        id = read_id(field.value(), "recordId");
        continue;
      }
      for (std::size_t tried = 0; tried < kFields.size(); ++tried) {
        const std::size_t i = (expected + tried) % kFields.size();
        if (kFields[i].name != key) continue;
        kFields[i].read(view, field.value(), kFields[i].name);
        expected = i + 1;
        break;
      }
    }
  }

  const RecordView* read_one() {
    std::optional<std::int64_t> id;
    try {
      json::object object = (*position).get_object();
      view = {};
      view.raw = object.raw_json();
      object.reset();
      read_fields(object, id);
      if (!id) throw_undecodable("recordId", "is missing");
    } catch (const simdjson::simdjson_error&) {
      errors::ApiError broken("cannot read from iMednet: a record is not proper JSON",
                              {.code = errors::ErrorCode::decode,
                               .hint = "report it with the record id; nothing was loaded",
                               .origin = {.system = "imednet", .http_status = 200}});
      throw_at_record(broken, id, before);
    } catch (const errors::ApiError& error) {
      throw_at_record(error, id, before);
    }
    view.record_id = *id;
    before = id;
    return &view;
  }
};

RecordCursor::RecordCursor() : state_(std::make_unique<State>()) {}
RecordCursor::~RecordCursor() = default;
RecordCursor::RecordCursor(RecordCursor&&) noexcept = default;
RecordCursor& RecordCursor::operator=(RecordCursor&&) noexcept = default;

void RecordCursor::open(const Page& page) {
  State& state = *state_;
  try {
    state.document = state.parser.iterate(page.body.data() + page.data_begin, page.data_size, page.body.capacity() - page.data_begin);
    json::array records = state.document.get_array();
    state.position = records.begin();
    state.end = records.end();
    state.has_more = false;
  } catch (const simdjson::simdjson_error&) {
    throw errors::ApiError("cannot read from iMednet: the page's data is not proper JSON",
                           {.code = errors::ErrorCode::decode, .origin = {.system = "imednet", .http_status = 200}});
  }
}

const RecordView* RecordCursor::next() {
  State& state = *state_;
  if (state.has_more) ++state.position;  // advanced only now, so that the view stays valid
  state.has_more = state.position != state.end;
  return state.has_more ? state.read_one() : nullptr;
}

}  // namespace imednet::api
