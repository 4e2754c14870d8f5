#include "api/answer_cursor.h"

#include <simdjson.h>

#include <string>

#include "api/scalar.h"

namespace imednet::api {
namespace {

namespace json = simdjson::ondemand;

void read_value(json::value value, Answer& answer) {
  switch (json::json_type type = value.type(); type) {
    case json::json_type::null:
      answer.raw = trimmed(value.raw_json_token());
      answer.form = answer.raw == "null" ? AnswerForm::null : AnswerForm::broken;
      return;
    case json::json_type::string:
      answer.raw = trimmed(value.raw_json_token());
      answer.form = value.get_string().get(answer.text) == simdjson::SUCCESS ? AnswerForm::text : AnswerForm::broken;
      return;
    case json::json_type::boolean:
      answer.text = answer.raw = trimmed(value.raw_json_token());
      answer.form = answer.raw == "true" || answer.raw == "false" ? AnswerForm::boolean : AnswerForm::broken;
      return;
    case json::json_type::number:
      answer.text = answer.raw = trimmed(value.raw_json_token());
      answer.form = AnswerForm::number;
      return;
    default:
      answer.text = answer.raw = trimmed(value.raw_json());
      answer.form = AnswerForm::nested;
  }
}

}  // namespace

struct AnswerCursor::State {
  json::parser parser;
  std::string buffer;  // with the room behind it that the parser wants
  std::vector<Answer> answers;

  void read() {
    json::document document = parser.iterate(buffer.data(), buffer.size() - simdjson::SIMDJSON_PADDING, buffer.size());
    for (auto field : document.get_object()) {
      Answer answer;
      answer.raw_key = field.escaped_key();
      answer.key = answer.raw_key;
      if (answer.raw_key.find('\\') != std::string_view::npos) {
        std::string_view plain;
        if (field.unescaped_key().get(plain) == simdjson::SUCCESS) answer.key = plain;
      }
      read_value(field.value(), answer);
      answers.push_back(answer);
    }
  }
};

AnswerCursor::AnswerCursor() : state_(std::make_unique<State>()) {}
AnswerCursor::~AnswerCursor() = default;
AnswerCursor::AnswerCursor(AnswerCursor&&) noexcept = default;
AnswerCursor& AnswerCursor::operator=(AnswerCursor&&) noexcept = default;

bool AnswerCursor::open(std::string_view record_data) {
  State& state = *state_;
  state.answers.clear();
  state.buffer.assign(record_data);
  state.buffer.append(simdjson::SIMDJSON_PADDING, ' ');
  try {
    state.read();
    return true;
  } catch (const simdjson::simdjson_error&) {
    state.answers.clear();
    return false;
  }
}

const std::vector<Answer>& AnswerCursor::answers() const noexcept { return state_->answers; }

}  // namespace imednet::api
