#pragma once

#include <map>
#include <memory>
#include <string>

#include "sandbox/run/sandbox_options.h"

namespace imednet::sandbox {

// The two servers (or one of them), and what a client needs to reach them.
class Sandbox {
 public:
  explicit Sandbox(const SandboxOptions& options);  // throws when a server cannot start
  ~Sandbox();
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  // One line of JSON.
  std::string addresses() const;
  // The same as the environment variables that `imednet` reads.
  std::map<std::string, std::string> environment() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace imednet::sandbox
