#pragma once

#include <map>
#include <string>
#include <vector>

namespace imednet::sandbox {

// Runs the command with these variables added to our environment and our standard streams, passes SIGINT, SIGTERM and SIGHUP on to it,
// and returns what a shell would: its exit code, 128 + n when signal n ended it, 127 when there is no such program, 126 when it cannot run.
// hold_signals() must have been called.
int run_child(const std::vector<std::string>& command, const std::map<std::string, std::string>& variables);

// `no_proxy` with the loopback address added: a proxy of the person's own must not see the sandbox.
std::string no_proxy_with_loopback(const char* current);

}  // namespace imednet::sandbox
