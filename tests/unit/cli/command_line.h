// command_line.h: a command line as main() gets it, and the environment without the variables the program reads.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

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

class CommandLineTest : public testing::Test {
 protected:
  void SetUp() override { clear(); }
  void TearDown() override { clear(); }
  static void set(const char* name, const std::string& value) { setenv(name, value.c_str(), 1); }

 private:
  static void clear() {
    for (const char* name :
         {"SNOWFLAKE_HOST", "SNOWFLAKE_PORT", "SNOWFLAKE_PROTOCOL", "SNOWFLAKE_PASSWORD", "SNOWFLAKE_PASSWORD_FILE", "IMEDNET_API_KEY",
          "IMEDNET_SECURITY_KEY", "IMEDNET_API_KEY_FILE", "IMEDNET_SECURITY_KEY_FILE", "IMEDNET_BASE_URL"}) {
      unsetenv(name);
    }
  }
};

}  // namespace imednet::cli
