// command_line.h: a command line as main() gets it, and the environment without the variables the program reads.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/folder.h"
#include "unit/variables.h"

namespace imednet::cli {

class CommandLine {
 public:
  explicit CommandLine(std::vector<std::string> words) : words_(std::move(words)) {
    words_.insert(words_.begin(), "imednet");
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  int argc() const { return static_cast<int>(words_.size()); }
  char** argv() { return pointers_.data(); }
  // Word n as the process title shows it now.
  std::string title(std::size_t n) const { return words_[n].c_str(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

// Starts without any of the program's variables and puts back what they were.
class CommandLineTest : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (const char* name :
         {"SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "SNOWFLAKE_PROTOCOL", "SNOWFLAKE_PASSWORD", "SNOWFLAKE_PASSWORD_FILE", "IMEDNET_API_KEY",
          "IMEDNET_SECURITY_KEY", "IMEDNET_API_KEY_FILE", "IMEDNET_SECURITY_KEY_FILE", "IMEDNET_BASE_URL"}) {
      variables.unset(name);
    }
  }
  void set(const char* name, const std::string& value) { variables.set(name, value); }

  Variables variables;
};

}  // namespace imednet::cli
