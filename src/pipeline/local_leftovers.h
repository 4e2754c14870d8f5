// local_leftovers.h: what runs that have ended left on this machine.
//
// Rule:   folders "imednet-run-<pid>-<random>" in the temporary folder whose process is gone, of this user; files
//         runs/<run id>.jsonl in the state folder that are older than the limit and that no process holds locked.
//         Symbolic links are not followed: neither the folder runs/ nor a file in it may be one.
// Errors: ImednetError (io) when a file can't be removed.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "imednet/integrations/tidying.h"

namespace imednet::pipeline {

// Is that the name of a run-state file: <run id>.jsonl?
bool is_run_state_name(std::string_view name);

std::vector<integrations::LocalLeftover> find_local_leftovers(const std::filesystem::path& temporary_root,
                                                              const std::filesystem::path& state_directory,
                                                              std::chrono::system_clock::time_point limit);

// Each is looked at again first; returns how many went.
std::int64_t remove_local_leftovers(const std::vector<integrations::LocalLeftover>& leftovers, const std::filesystem::path& temporary_root,
                                    const std::filesystem::path& state_directory, std::chrono::system_clock::time_point limit);

}  // namespace imednet::pipeline
