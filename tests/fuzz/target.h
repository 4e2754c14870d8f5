// target.h: code that reads or quotes foreign text, and what must hold whatever the text is.
//
// Each target runs in two ways: tests/fuzz/seeded_test.cc feeds it a fixed soup at every test run, and a libFuzzer program
// (-DIMEDNET_FUZZ=ON, clang only) searches for as long as one likes. What a target throws is a finding.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace imednet::fuzz {

struct Target {
  void (*run)(std::string_view input);
  std::vector<std::string_view> fragments;  // pieces that lead far into the code under test
  int inputs = 100'000;                     // how many a test run tries
};

class BrokenRule : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

inline void require(bool holds, const char* rule) {
  if (!holds) throw BrokenRule(rule);
}

Target identifiers_target();
Target statements_target();
Target sandbox_names_target();
Target batch_names_target();
Target manifest_target();
Target copy_answer_target();
Target connection_file_target();
Target key_text_target();
Target store_requests_target();
Target variant_target();
Target models_target();
Target envelope_target();
Target record_input_target();
Target job_target();
Target filter_builder_target();
// tests/fuzz/sandbox/
Target sandbox_statements_target();
Target sandbox_requests_target();

// Pieces for every target: quotes, escapes, comments, zero bytes, whole and broken UTF-8.
const std::vector<std::string_view>& common_fragments();

// The input cut at its first separators into exactly `count` parts; those that are not there are empty.
std::vector<std::string> parts_of(std::string_view input, std::size_t count, char separator = '\x1f');

}  // namespace imednet::fuzz
