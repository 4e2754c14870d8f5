#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>

namespace imednet::cli {
namespace {

using Commands = std::vector<CommandText>;

// Text for single quotes, as the shell at hand escapes them.
std::string quoted(std::string_view text, std::string_view apostrophe) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += apostrophe;
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view between = " ") {
  return fmt::format("{}", fmt::join(words, between));
}

// The paths below the program, as patterns or words: 'export' 'export snowflake' …
std::string paths(const Commands& commands, std::string_view between) {
  std::vector<std::string> found;
  for (const CommandText& command : commands) {
    if (!command.path.empty()) found.push_back(quoted(command.path, "'"));
  }
  return joined(found, between);
}

std::vector<std::string> dashed_names(const FlagText& flag) {
  std::vector<std::string> names;
  if (!flag.short_name.empty()) names.push_back("-" + flag.short_name);
  if (!flag.long_name.empty()) names.push_back("--" + flag.long_name);
  return names;
}

bool takes_path(const CommandText& command) { return std::ranges::any_of(command.positions, &FlagText::is_path); }

// What bash does after a flag that takes a value: its values, files, or nothing (a free text).
std::string bash_value(const CommandText& command, const FlagText& flag) {
  std::vector<std::string> patterns;
  for (const std::string& name : dashed_names(flag)) patterns.push_back(quoted(fmt::format("{}:{}", command.path, name), "'\\''"));
  const std::string reply = flag.is_list && !flag.values.empty() ? fmt::format("_imednet_list '{}'", joined(flag.values))
                            : !flag.values.empty() ? fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\"))", joined(flag.values))
                            : flag.is_path()       ? "_imednet_files"
                                                   : ":";
  return fmt::format("    {}) {}; return ;;\n", joined(patterns, "|"), reply);
}

// zsh ends a description at ] and a message at :.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_action(const FlagText& flag) {
  if (flag.is_list && !flag.values.empty()) return fmt::format("{{_values -s , {} {}}}", flag.long_name, joined(flag.values));
  if (!flag.values.empty()) return fmt::format("({})", joined(flag.values));
  return flag.is_path() ? "_files" : " ";
}

std::string zsh_flag(const FlagText& flag) {
  std::string lines;
  for (const std::string& name : dashed_names(flag)) {
    std::string spec = fmt::format("{}[{}]", name, zsh_text(flag.description));
    if (!flag.type.empty()) spec += fmt::format(":{}:{}", flag.long_name, zsh_action(flag));
    lines += fmt::format(" \\\n        {}", quoted(spec, "'\\''"));
  }
  return lines;
}

// What may stand in a group's first place: a command below it, and a file where the group takes one itself.
std::string zsh_first_place(const Commands& commands, const CommandText& command) {
  std::vector<std::string> choices;
  for (const std::string& name : command.subcommands) {
    const CommandText* sub = find_command(commands, command.path.empty() ? name : command.path + " " + name);
    choices.push_back(fmt::format("{}\\:\"{}\"", name, zsh_text(sub == nullptr ? "" : sub->description)));
  }
  const std::string all = fmt::format("(({}))", joined(choices));
  if (!takes_path(command)) return "1:command:" + all;
  return fmt::format("1:command:{{_alternative {} {}}}", quoted("commands:command:" + all, "'\\''"), "files:file:_files");
}

std::string zsh_command(const Commands& commands, const CommandText& command) {
  std::string line = fmt::format("    {})\n      _arguments", command.path.empty() ? "''" : quoted(command.path, "'\\''"));
  for (const FlagText& flag : command.flags) line += zsh_flag(flag);
  for (const FlagText& position : command.positions) {
    if (!command.subcommands.empty()) break;  // zsh takes one meaning of a place
    line += fmt::format(" \\\n        {}", quoted(fmt::format(":{}:{}", position.long_name, zsh_action(position)), "'\\''"));
  }
  if (!command.subcommands.empty()) line += fmt::format(" \\\n        {}", quoted(zsh_first_place(commands, command), "'\\''"));
  return line + "\n      ;;\n";
}

std::string fish_quoted(std::string_view text) { return quoted(text, "\\'"); }

std::string fish_flag(const CommandText& command, const FlagText& flag) {
  std::string line = fmt::format("complete -c imednet -n \"__imednet_at '{}'\"", command.path);
  if (!flag.short_name.empty()) line += " -s " + flag.short_name;
  if (!flag.long_name.empty()) line += " -l " + flag.long_name;
  if (flag.is_path()) {
    line += " -r -F";
  } else if (!flag.type.empty()) {
    line += " -x";
  }
  if (flag.is_list && !flag.values.empty()) {
    line += " -a " + fish_quoted(fmt::format("(__imednet_list {})", joined(flag.values)));
  } else if (!flag.values.empty()) {
    line += " -a " + fish_quoted(joined(flag.values));
  }
  return line + " -d " + fish_quoted(flag.description) + "\n";
}

}  // namespace

std::string bash_completion(const Commands& commands) {
  std::string values, words;
  for (const CommandText& command : commands) {
    std::vector<std::string> flags;
    for (const FlagText& flag : command.flags) {
      for (const std::string& name : dashed_names(flag)) flags.push_back(name);
      if (!flag.type.empty()) values += bash_value(command, flag);
    }
    words += fmt::format("    {}) flags='{}' commands='{}'{} ;;\n", command.path.empty() ? "''" : quoted(command.path, "'\\''"),
                         joined(flags), joined(command.subcommands), takes_path(command) ? " files=1" : "");
  }
  return fmt::format(R"(# bash completion for imednet, written by `imednet completion bash`.
_imednet_files() {{
  local IFS=$'\n'
  compopt -o filenames 2>/dev/null
  COMPREPLY+=($(compgen -f -- "$word"))
}}
# The next of several values behind commas.
_imednet_list() {{
  compopt -o nospace 2>/dev/null
  local before=''
  [[ $word == *,* ]] && before=${{word%,*}},
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "${{word##*,}}"))
}}
_imednet() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before='' command='' next flags='' commands='' files='' i
  ((COMP_CWORD > 0)) && before=${{COMP_WORDS[COMP_CWORD-1]}}
  COMPREPLY=()
  # bash cuts --flag=value in three words.
  if [[ $word == '=' ]]; then word=''; elif [[ $before == '=' && COMP_CWORD -gt 1 ]]; then before=${{COMP_WORDS[COMP_CWORD-2]}}; fi
  for ((i = 1; i < COMP_CWORD; ++i)); do
    next=${{command:+$command }}${{COMP_WORDS[i]}}
    case "$next" in
    {}) command=$next ;;
    *) break ;;
    esac
  done
  case "$command:$before" in
{}  esac
  case "$command" in
{}  esac
  if [[ $word == -* || -z $commands ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
  else
    COMPREPLY=($(compgen -W "$commands" -- "$word"))
  fi
  [[ -z $files || $word == -* ]] || _imednet_files
}}
complete -F _imednet imednet
)",
                     paths(commands, "|"), values, words);
}

std::string zsh_completion(const Commands& commands) {
  std::string cases;
  for (const CommandText& command : commands) cases += zsh_command(commands, command);
  return fmt::format(R"(#compdef imednet
# zsh completion for imednet, written by `imednet completion zsh`.
_imednet() {{
  local command='' next
  integer i depth=0
  for ((i = 2; i < CURRENT; ++i)); do
    next="${{command:+$command }}${{words[i]}}"
    case "$next" in
    {}) command=$next; ((++depth)) ;;
    *) break ;;
    esac
  done
  # The command's own words alone are judged below.
  shift $depth words
  ((CURRENT -= depth))
  case "$command" in
{}  esac
}}
if [[ "${{funcstack[1]}}" == _imednet ]]; then _imednet "$@"; else compdef _imednet imednet; fi
)",
                     paths(commands, "|"), cases);
}

std::string fish_completion(const Commands& commands) {
  std::string lines;
  for (const CommandText& command : commands) {
    for (const std::string& name : command.subcommands) {
      const CommandText* sub = find_command(commands, command.path.empty() ? name : command.path + " " + name);
      lines += fmt::format("complete -c imednet -n \"__imednet_at '{}'\" -a {} -d {}\n", command.path, name,
                           fish_quoted(sub == nullptr ? "" : sub->description));
    }
    if (takes_path(command)) lines += fmt::format("complete -c imednet -n \"__imednet_at '{}'\" -F\n", command.path);
    for (const FlagText& flag : command.flags) lines += fish_flag(command, flag);
  }
  return fmt::format(R"(# fish completion for imednet, written by `imednet completion fish`.
function __imednet_at
  set -l words (commandline -opc)
  set -l command ''
  for word in $words[2..-1]
    set -l next (string trim -- "$command $word")
    contains -- "$next" {}; or break
    set command $next
  end
  test "$command" = "$argv[1]"
end
# The next of several values behind commas.
function __imednet_list
  set -l before (string replace -r '^--[^=]*=' '' -- (commandline -ct) | string replace -r '[^,]*$' '')
  for value in $argv
    echo $before$value
  end
end
complete -c imednet -f
{})",
                     paths(commands, " "), lines);
}

}  // namespace imednet::cli
