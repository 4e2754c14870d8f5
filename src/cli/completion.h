// completion.h: scripts with which a shell completes commands, flags and values, written from the command tree.
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"

namespace imednet::cli {

std::string bash_completion(const std::vector<CommandText>& commands);
std::string zsh_completion(const std::vector<CommandText>& commands);
std::string fish_completion(const std::vector<CommandText>& commands);

}  // namespace imednet::cli
