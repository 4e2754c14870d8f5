// Names of batches: plain, in the folder they are made for, different for different batches, and readable where that is promised.
#include <charconv>
#include <filesystem>
#include <optional>

#include "fuzz/target.h"
#include "imednet/errors.h"
#include "staging/batch_names.h"

namespace imednet::fuzz {
namespace {

using namespace staging;

template <class Make>
std::optional<std::string> taken(Make make) {
  try {
    return make();
  } catch (const errors::ExportError& error) {
    require(error.code() == errors::ErrorCode::invalid_argument, "a refused name is an invalid argument");
    return std::nullopt;
  }
}

bool is_plain(std::string_view text, std::string_view more) {
  for (const char c : text) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!is_letter && more.find(c) == std::string_view::npos) return false;
  }
  return true;
}

std::optional<std::string> checked_name(const std::string& id) {
  const auto name = taken([&] { return parquet_file_name(id); });
  require(name.has_value() == (!id.empty() && id.size() <= kBatchIdLimit), "an id of 1 to 1,000 bytes has a name, no other");
  if (!name) return name;
  require(name->size() <= 140 && name->ends_with(".parquet"), "a name is short and ends in .parquet");
  require(is_plain(name->substr(0, name->size() - 8), "_-"), "a name is plain");
  const std::filesystem::path folder = "/staging/imednet";
  require((folder / *name).lexically_normal().parent_path() == folder, "a file lies in its folder");
  return name;
}

void check_two(const std::string& left, const std::string& right) {
  const auto a = checked_name(left), b = checked_name(right);
  if (a && b) require((a == b) == (left == right), "different batches have different names");
}

// Ids as the export makes them; the number is taken from the input's own bytes.
std::int64_t number_in(const std::string& text) {
  std::int64_t number = static_cast<std::int64_t>(text.size());
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void check_export(const std::string& study, const std::string& number_text) {
  const std::int64_t number = number_in(number_text);
  const auto id = taken([&] { return make_batch_id(study, "records", number); });
  const std::string expected = study + "/records/" + std::to_string(number);
  require(id.has_value() == (!study.empty() && number >= 0 && expected.size() <= kBatchIdLimit), "an id is refused by its rule");
  if (!id) return;
  require(*id == expected, "an id is study, layout and number");
  const std::string stem = file_stem(*id);
  if (!is_plain(study, "_-") || study.size() > 100 || number > 999'999'999'999'999'999) return;
  const auto middle = stem.rfind("_records_");
  require(middle != std::string::npos && stem.substr(0, middle) == study && stem.substr(middle + 9) == std::to_string(number),
          "a plain study and its number can be read from the name");
}

void run(std::string_view input) {
  const auto parts = parts_of(input, 3);
  check_two(parts[0], parts[1]);
  check_two(std::string(input), parts[0]);
  check_export(parts[0], parts[1]);
  check_export(parts[1], parts[2]);
  if (const auto name = checked_name(parts[0])) {  // an id that looks like another's name
    const std::string stem = name->substr(0, name->size() - 8);
    check_two(parts[0], stem);
    check_two(stem, *name);
    check_two(parts[1], stem);
  }
  std::string twin = parts[0];
  for (char& c : twin) {
    if (c == '/') c = '_';
  }
  check_two(parts[0], twin);
}

}  // namespace

Target batch_names_target() {
  return {run,
          {"MY_STUDY", "/records/", "records", "_records_", "0", "1", "00", "-1", "999999999999999999", "9223372036854775807",
           "-x0123456789abcdef", "MY_STUDY/records/0", "MY_STUDY_records_0", "\x1f",
           "\x1f"
           "12"},
          25'000};
}

}  // namespace imednet::fuzz
