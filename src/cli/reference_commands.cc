// reference_commands.cc: `imednet completion` and `imednet man`, which write down what the parser knows.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>

#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/command_tree.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/man_page.h"
#include "cli/output.h"
#include "imednet/errors.h"

namespace imednet::cli {
namespace {

using errors::ErrorCode;

int print_completion(const CLI::App& program, const std::string& shell) {
  const auto commands = read_commands(program);
  write_out(shell == "bash" ? bash_completion(commands) : shell == "zsh" ? zsh_completion(commands) : fish_completion(commands));
  flush_out();
  return 0;
}

void write_pages(const std::vector<CommandText>& commands, const std::filesystem::path& directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory, failed);
  for (const CommandText& command : commands) {
    const auto path = directory / (man_page_name(command) + ".1");
    std::ofstream file(path);
    file << man_page(command, commands);
    if (!file.flush()) {
      throw errors::ConfigurationError("cannot write the page " + path.string(),
                                       {.code = ErrorCode::io, .hint = "give a folder that can be written with --directory"});
    }
  }
}

int print_man(const CLI::App& program, const std::vector<std::string>& words, const std::string& directory) {
  const auto commands = read_commands(program);
  if (!directory.empty()) {
    write_pages(commands, directory);
    return 0;
  }
  std::string path;
  for (const std::string& word : words) path += (path.empty() ? "" : " ") + word;
  const CommandText* command = find_command(commands, path);
  if (command == nullptr) {
    throw errors::ConfigurationError("cannot show the page of " + path + ": there is no such command",
                                     {.code = ErrorCode::invalid_argument, .hint = "imednet --help-all lists them"});
  }
  write_out(man_page(*command, commands));
  flush_out();
  return 0;
}

}  // namespace

void add_completion(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("completion", "Print a script with which a shell completes this program's commands and flags");
  auto shell = std::make_shared<std::string>();
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, shell, &chosen] { chosen = [&app, shell](const Context&) { return print_completion(app, *shell); }; });
}

void add_man(CLI::App& app, Command& chosen) {
  CLI::App* command = app.add_subcommand("man", "Print a manual page; try: imednet man export snowflake | man -l -");
  auto words = std::make_shared<std::vector<std::string>>();
  auto directory = std::make_shared<std::string>();
  command->add_option("COMMAND", *words, "The command's words; none: the program's own page");
  command->add_option("--directory", *directory, "Write every page into this folder instead");
  command->callback([&app, words, directory, &chosen] {
    chosen = [&app, words, directory](const Context&) { return print_man(app, *words, *directory); };
  });
}

}  // namespace imednet::cli
