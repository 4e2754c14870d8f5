// man_page.h: the program's manual pages in roff, written from the command tree.
#pragma once

#include <string>
#include <vector>

#include "cli/command_tree.h"

namespace imednet::cli {

// The name of a command's page, for example "imednet-export-snowflake".
std::string man_page_name(const CommandText& command);

// One command's page. `commands` are all of them, for the list of the program's own page and for SEE ALSO.
std::string man_page(const CommandText& command, const std::vector<CommandText>& commands);

}  // namespace imednet::cli
