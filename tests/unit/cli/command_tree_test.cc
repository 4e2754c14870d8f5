// The command tree is read from the parser; completion and man pages only write it down. The shells themselves: tests/e2e.
#include "cli/command_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <cstddef>

#include "cli/completion.h"
#include "cli/man_page.h"

namespace imednet::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CommandTree : public testing::Test {
 protected:
  CommandTree() {
    CLI::App* group = app_.add_subcommand("load", "Load something");
    CLI::App* command = group->add_subcommand("study", "Load a study; it's the usual one");
    command->add_option("STUDY", text_, "Study key")->required();
    command->add_option("--mode", text_, "How")->check(CLI::IsMember({"auto", "append"}));
    command->add_option("--local-dir", text_, "Where [on this machine]: a folder");
    command->add_option("--host", text_, "Endpoint\\server")->envname("EXAMPLE_HOST")->default_str("example");
    command->add_flag("-q,--quiet", flag_, "'Silent', or nearly so");
    command->add_option("--fields", list_, "Which")->delimiter(',')->type_name("TEXT:{one,two}");
    command->add_option("--secret-door", text_, "Not for people")->group("");
    app_.add_subcommand("hidden", "Not for people")->group("");
    command->footer(".begins with a dot");
  }

  const CommandText& study() const { return *find_command(commands_, "load study"); }
  const FlagText& flag(const std::string& name) const {
    for (const FlagText& found : study().flags) {
      if (found.long_name == name) return found;
    }
    throw std::out_of_range(name);
  }

  void SetUp() override { commands_ = read_commands(app_); }

  CLI::App app_{"Example program", "imednet"};
  std::string text_;
  std::vector<std::string> list_;
  bool flag_ = false;
  std::vector<CommandText> commands_;
};

TEST_F(CommandTree, HoldsEveryCommandThatIsNotHidden) {
  std::vector<std::string> paths;
  for (const CommandText& command : commands_) paths.push_back(command.path);
  EXPECT_THAT(paths, ElementsAre("", "load", "load study"));
  EXPECT_THAT(commands_[0].subcommands, ElementsAre("load"));
  EXPECT_EQ(find_command(commands_, "hidden"), nullptr);
}

TEST_F(CommandTree, KnowsPositionsFlagsValuesVariablesAndDefaults) {
  ASSERT_EQ(study().positions.size(), 1u);
  EXPECT_EQ(study().positions[0].long_name, "STUDY");
  EXPECT_TRUE(study().positions[0].is_required);
  EXPECT_THAT(flag("mode").values, ElementsAre("auto", "append"));
  EXPECT_EQ(flag("mode").type, "TEXT");
  EXPECT_EQ(flag("host").variable, "EXAMPLE_HOST");
  EXPECT_EQ(flag("host").default_value, "example");
  EXPECT_EQ(flag("quiet").short_name, "q");
  EXPECT_EQ(flag("quiet").type, "");
  EXPECT_TRUE(flag("local-dir").is_path());
  EXPECT_FALSE(flag("host").is_path());
  EXPECT_TRUE(flag("fields").is_list);
  EXPECT_THAT(flag("fields").values, ElementsAre("one", "two"));
  EXPECT_FALSE(flag("mode").is_list);
  EXPECT_THROW(flag("secret-door"), std::out_of_range);
}

TEST_F(CommandTree, ManPageEscapesWhatRoffWouldTake) {
  const std::string page = man_page(study(), commands_);
  EXPECT_EQ(man_page_name(study()), "imednet-load-study");
  EXPECT_THAT(page, HasSubstr(".TH IMEDNET\\-LOAD\\-STUDY 1"));
  EXPECT_THAT(page, HasSubstr("\n\\&'Silent', or nearly so.\n"));
  EXPECT_THAT(page, HasSubstr("Endpoint\\eserver.\nDefault: example.\nWithout the flag: the variable EXAMPLE_HOST.\n"));
  EXPECT_THAT(page, HasSubstr("\n\\&.begins with a dot\n"));
  EXPECT_THAT(page, HasSubstr("One of: auto, append.\n"));
  EXPECT_THAT(page, HasSubstr("Among them: one, two.\n"));
  EXPECT_THAT(page, HasSubstr(".BR imednet\\-load (1)"));
  EXPECT_THAT(page, Not(HasSubstr("secret")));
}

TEST_F(CommandTree, ScriptsEscapeWhatTheirShellsWouldTake) {
  EXPECT_THAT(zsh_completion(commands_), HasSubstr(R"('--local-dir[Where \[on this machine\]\: a folder]:local-dir:_files')"));
  EXPECT_THAT(zsh_completion(commands_), HasSubstr(R"('--quiet['\''Silent'\'', or nearly so]')"));
  EXPECT_THAT(fish_completion(commands_), HasSubstr(R"(-l quiet -d '\'Silent\', or nearly so')"));
  EXPECT_THAT(bash_completion(commands_),
              HasSubstr("'load study:--mode') COMPREPLY=($(compgen -W 'auto append' -- \"$word\")); return ;;"));
  for (const std::string& script : {bash_completion(commands_), zsh_completion(commands_), fish_completion(commands_)}) {
    EXPECT_THAT(script, Not(HasSubstr("secret-door")));
  }
}

}  // namespace
}  // namespace imednet::cli
