#include "cli/command_tree.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <sstream>
#include <string_view>

namespace imednet::cli {
namespace {

// How the names of flags end that take a file or a folder of this machine, in either case (positions are upper case).
constexpr std::string_view kPathEndings[] = {"path", "file", "dir", "directory", "manifest", "public-key"};

// A parser's type reads "TEXT:{auto,append}": the type, then what the checks say of the value.
std::string type_of(const CLI::Option& option) {
  const std::string text = option.get_type_size() == 0 ? "" : option.get_type_name();
  return text.substr(0, text.find(':'));
}

std::vector<std::string> values_of(const CLI::Option& option) {
  const std::string text = option.get_type_name();
  const auto open = text.find('{');
  const auto close = text.find('}', open);
  std::vector<std::string> values;
  if (open == std::string::npos || close == std::string::npos) return values;
  std::istringstream list(text.substr(open + 1, close - open - 1));
  for (std::string value; std::getline(list, value, ',');) values.push_back(value);
  return values;
}

FlagText read_flag(const CLI::Option& option) {
  FlagText flag{.type = type_of(option),
                .values = values_of(option),
                .description = option.get_description(),
                .default_value = option.get_default_str(),
                .variable = option.get_envname(),
                .group = option.get_group(),
                .is_required = option.get_required(),
                .is_list = option.get_delimiter() != '\0'};
  if (option.get_positional()) flag.long_name = option.get_name(true);
  if (!option.get_lnames().empty()) flag.long_name = option.get_lnames().front();
  if (!option.get_snames().empty()) flag.short_name = option.get_snames().front();
  return flag;
}

void read_command(const CLI::App& app, const std::string& path, std::vector<CommandText>& commands) {
  CommandText command{.path = path, .description = app.get_description(), .footer = app.get_footer()};
  for (const CLI::Option* option : app.get_options({})) {
    if (option->get_group().empty()) continue;  // hidden
    (option->get_positional() ? command.positions : command.flags).push_back(read_flag(*option));
  }
  const auto below = app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty() && !sub->get_name().empty(); });
  for (const CLI::App* sub : below) command.subcommands.push_back(sub->get_name());
  commands.push_back(std::move(command));
  for (const CLI::App* sub : below) {
    std::string sub_path = path;
    if (!sub_path.empty()) sub_path += ' ';
    read_command(*sub, sub_path + sub->get_name(), commands);
  }
}

}  // namespace

bool FlagText::is_path() const {
  if (type.empty()) return false;
  std::string name = long_name;
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::any_of(std::begin(kPathEndings), std::end(kPathEndings), [&name](std::string_view end) { return name.ends_with(end); });
}

std::vector<CommandText> read_commands(const CLI::App& program) {
  std::vector<CommandText> commands;
  read_command(program, "", commands);
  return commands;
}

const CommandText* find_command(const std::vector<CommandText>& commands, const std::string& path) {
  const auto found = std::find_if(commands.begin(), commands.end(), [&](const CommandText& command) { return command.path == path; });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace imednet::cli
