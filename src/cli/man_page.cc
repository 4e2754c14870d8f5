#include "cli/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace imednet::cli {
namespace {

// Text as roff takes it: its own characters escaped, no line that begins like a request.
std::string roff(std::string_view text) {
  std::string out;
  bool is_line_start = true;
  for (const char c : text) {
    if (is_line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    is_line_start = c == '\n';
  }
  return out;
}

// A description as a sentence of its own.
std::string sentence(std::string_view text) { return roff(text) + (text.ends_with('.') ? "\n" : ".\n"); }

std::string full_name(const CommandText& command) { return command.path.empty() ? "imednet" : "imednet " + command.path; }

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string synopsis(const CommandText& command) {
  std::string line = fmt::format(".B {}\n", roff(full_name(command)));
  if (!command.flags.empty()) line += ".RI [ options ]\n";
  if (!command.subcommands.empty()) line += ".I command\n";
  for (const FlagText& position : command.positions) {
    line += position.is_required ? fmt::format(".I {}\n", roff(position.long_name)) : fmt::format(".RI [ {} ]\n", roff(position.long_name));
  }
  return line;
}

std::string flag_tag(const FlagText& flag) {
  std::string tag;
  if (!flag.short_name.empty()) tag += fmt::format("\\fB\\-{}\\fR", roff(flag.short_name));
  if (!flag.long_name.empty()) tag += fmt::format("{}\\fB\\-\\-{}\\fR", tag.empty() ? "" : ", ", roff(flag.long_name));
  if (!flag.type.empty()) tag += fmt::format(" \\fI{}\\fR", roff(flag.type));
  return tag;
}

std::string flag_text(const FlagText& flag) {
  std::string text = sentence(flag.description);
  if (!flag.values.empty())
    text += fmt::format("{}: {}.\n", flag.is_list ? "Among them" : "One of", roff(fmt::format("{}", fmt::join(flag.values, ", "))));
  if (!flag.default_value.empty()) text += fmt::format("Default: {}.\n", roff(flag.default_value));
  if (!flag.variable.empty()) text += fmt::format("Without the flag: the variable {}.\n", roff(flag.variable));
  return text;
}

std::string flags(const CommandText& command) {
  std::string text, group;
  for (const FlagText& flag : command.flags) {
    if (flag.group != group && flag.group != "Options") text += fmt::format(".SS {}\n", roff(flag.group));
    group = flag.group;
    text += fmt::format(".TP\n{}\n{}", flag_tag(flag), flag_text(flag));
  }
  return text;
}

// The other pages, in the order of the commands; a page that only groups others is left to its own.
std::string see_also(const CommandText& command, const std::vector<CommandText>& commands) {
  std::vector<std::string> lines;
  for (const CommandText& other : commands) {
    if (other.path != command.path) lines.push_back(fmt::format(".BR {} (1)", roff(man_page_name(other))));
  }
  return fmt::format("{}\n", fmt::join(lines, ",\n"));
}

}  // namespace

std::string man_page_name(const CommandText& command) {
  std::string name = full_name(command);
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

std::string man_page(const CommandText& command, const std::vector<CommandText>& commands) {
  std::string page = fmt::format(".TH {} 1 \"\" \"imednet {}\" \"imednet\"\n", upper(roff(man_page_name(command))), IMEDNET_VERSION);
  page += fmt::format(".SH NAME\n{} \\- {}\n", roff(man_page_name(command)), roff(command.description));
  page += ".SH SYNOPSIS\n" + synopsis(command);
  page += ".SH DESCRIPTION\n" + sentence(command.description);
  if (!command.subcommands.empty()) {
    page += ".SH COMMANDS\n";
    for (const CommandText& other : commands) {
      const std::string below = command.path.empty() ? "" : command.path + " ";
      if (other.path.empty() || other.path == command.path || !other.path.starts_with(below)) continue;
      page += fmt::format(".TP\n.B {}\n{}", roff(other.path), sentence(other.description));
    }
  }
  if (!command.positions.empty()) {
    page += ".SH ARGUMENTS\n";
    for (const FlagText& position : command.positions) {
      page += fmt::format(".TP\n\\fI{}\\fR\n{}", roff(position.long_name), flag_text(position));
    }
  }
  page += ".SH OPTIONS\n" + flags(command);
  if (!command.footer.empty()) page += fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", roff(command.footer));
  page += ".SH \"SEE ALSO\"\n" + see_also(command, commands);
  return page;
}

}  // namespace imednet::cli
