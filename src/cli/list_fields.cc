#include "cli/list_fields.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/near_name.h"
#include "imednet/errors.h"
#include "imednet/models.h"

namespace imednet::cli {
namespace {

bool is_upper(char letter) { return letter >= 'A' && letter <= 'Z'; }
bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
char lower(char letter) { return is_upper(letter) ? static_cast<char>(letter - 'A' + 'a') : letter; }

}  // namespace

std::string snake_case(std::string_view name) {
  std::string snake;
  for (const char letter : name) {
    if (is_upper(letter)) snake.push_back('_');
    snake.push_back(lower(letter));
  }
  return snake;
}

std::string camel_case(std::string_view name) {
  std::string camel;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const bool is_joint = name[i] == '_' && i + 1 < name.size() && is_lower(name[i + 1]);
    camel.push_back(is_joint ? static_cast<char>(name[++i] - 'a' + 'A') : name[i]);
  }
  return camel;
}

std::string nearest_name(std::string_view typed, const std::vector<std::string_view>& known) {
  const std::vector<std::string> names(known.begin(), known.end());
  return core::near_name(camel_case(typed), names).value_or("");
}

FieldChoice::FieldChoice(const std::vector<std::string>& asked, std::vector<std::string_view> known) : known_(std::move(known)) {
  for (const std::string& typed : asked) {
    const auto found = std::ranges::find_if(known_, [&](std::string_view one) { return one == typed || snake_case(one) == typed; });
    const std::string wire(found == known_.end() ? "" : *found);
    const bool is_there =
        std::ranges::any_of(names_, [&](const Name& name) { return name.typed == typed || (!wire.empty() && name.wire == wire); });
    if (!is_there) names_.push_back({typed, wire});
  }
}

bool FieldChoice::is_settled() const {
  return std::ranges::none_of(names_, [](const Name& name) { return name.wire.empty(); });
}

void FieldChoice::look_into(std::string_view raw) {
  for (Name& name : names_) {
    if (!name.wire.empty()) continue;
    const std::vector<RawField> found = raw_fields(raw, {name.typed, camel_case(name.typed)});
    if (!found.empty()) name.wire = found.front().first;
  }
}

std::vector<std::string> FieldChoice::names() const {
  std::vector<std::string> wires;
  for (const Name& name : names_) wires.push_back(name.wire.empty() ? name.typed : name.wire);
  return wires;
}

void FieldChoice::require_settled() const {
  const auto missing = std::ranges::find_if(names_, [](const Name& name) { return name.wire.empty(); });
  if (missing == names_.end()) return;
  const std::string meant = nearest_name(missing->typed, known_);
  const std::string question = meant.empty() ? "" : fmt::format("did you mean {}? ", meant);
  throw ImednetError(fmt::format("cannot show the field \"{}\": none of the elements has it", missing->typed),
                     {.code = errors::ErrorCode::invalid_argument,
                      .hint = fmt::format("{}fields: {}", question, fmt::join(known_, ", ")),
                      .origin = {.system = "local"}});
}

}  // namespace imednet::cli
