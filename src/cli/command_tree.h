// command_tree.h: the commands, positions and flags of the program as values, read from the parser itself.
//
// What is typed, what --help says, what completes and what the man pages tell have one source: the definitions on the CLI app.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace imednet::cli {

struct FlagText {
  std::string short_name{}, long_name{};  // without dashes; a position has its name in long_name
  std::string type{};                     // "TEXT", "INT"; empty: takes no value
  std::vector<std::string> values{};      // the only ones allowed; empty: any
  std::string description{}, default_value{}, variable{}, group{};
  bool is_required = false;
  bool is_list = false;  // several values, a comma between them; `values` are not the only ones

  // The value is a file or a folder of this machine.
  bool is_path() const;
};

struct CommandText {
  std::string path{};  // "export snowflake"; empty: the program itself
  std::string description{}, footer{};
  std::vector<FlagText> positions{}, flags{};
  std::vector<std::string> subcommands{};  // last words of the commands below
};

// Every command that is not hidden, a group before what it holds.
std::vector<CommandText> read_commands(const CLI::App& program);

// The command of that path; null when there is none.
const CommandText* find_command(const std::vector<CommandText>& commands, const std::string& path);

}  // namespace imednet::cli
