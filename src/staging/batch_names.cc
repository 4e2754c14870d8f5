#include "staging/batch_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/digest.h"
#include "imednet/errors.h"

namespace imednet::staging {
namespace {

constexpr std::size_t kStemCharacters = 100;
constexpr std::size_t kHashBytes = 8;      // 16 hex digits
constexpr std::size_t kNumberDigits = 18;  // any such number fits 64 bits
constexpr std::string_view kRecordsPart = "/records/";
constexpr std::string_view kFormsSeries = "forms";

[[noreturn]] void refuse(std::string_view cause) {
  throw errors::ExportError(fmt::format("cannot name a batch: {}", cause),
                            errors::ErrorDetail{.code = errors::ErrorCode::invalid_argument});
}

bool is_safe(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-'; }

bool is_safe_study(std::string_view study) {
  return !study.empty() && study.size() <= kStemCharacters && std::all_of(study.begin(), study.end(), is_safe);
}

// A number as make_batch_id writes it: one spelling only, so that no two ids share a stem.
bool is_plain_number(std::string_view text) {
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && !text.empty() && text.size() <= kNumberDigits && (text == "0" || text.front() != '0');
}

}  // namespace

std::string make_batch_id(std::string_view study_key, std::string_view layout, std::int64_t number) {
  if (study_key.empty() || layout.empty() || number < 0) {
    refuse("study and layout can't be empty, the number can't be negative");
  }
  std::string id = fmt::format("{}/{}/{}", study_key, layout, number);
  if (id.size() > kBatchIdLimit) {
    refuse(fmt::format("the id is longer than {} bytes", kBatchIdLimit));
  }
  return id;
}

std::string form_series(std::string_view form_key, std::size_t part) {
  return part == 1 ? fmt::format("{}/{}", kFormsSeries, form_key) : fmt::format("{}-{}/{}", kFormsSeries, part, form_key);
}

std::optional<std::string> form_of_batch(std::string_view study_key, std::string_view batch_id) {
  const std::string before = fmt::format("{}/{}", study_key, form_series("", 1));
  const std::size_t end = batch_id.rfind('/');
  if (!batch_id.starts_with(before) || end < before.size() || !is_plain_number(batch_id.substr(end + 1))) return std::nullopt;
  return std::string(batch_id.substr(before.size(), end - before.size()));
}

std::int64_t part_of_batch(std::string_view study_key, std::string_view batch_id) {
  const std::string before = fmt::format("{}/{}-", study_key, kFormsSeries);
  if (!batch_id.starts_with(before)) return 1;
  const std::string_view number = batch_id.substr(before.size(), batch_id.find('/', before.size()) - before.size());
  std::int64_t part = 1;
  if (is_plain_number(number)) std::from_chars(number.data(), number.data() + number.size(), part);
  return part;
}

std::string file_stem(std::string_view batch_id) {
  if (batch_id.empty() || batch_id.size() > kBatchIdLimit) {
    refuse(batch_id.empty() ? "the id is empty" : fmt::format("the id is longer than {} bytes", kBatchIdLimit));
  }
  const std::size_t part = batch_id.find(kRecordsPart);
  if (part != std::string_view::npos) {
    const std::string_view study = batch_id.substr(0, part);
    const std::string_view number = batch_id.substr(part + kRecordsPart.size());
    if (is_safe_study(study) && is_plain_number(number)) {
      return fmt::format("{}_records_{}", study, number);
    }
  }
  std::string stem(batch_id.substr(0, kStemCharacters));
  std::replace_if(
      stem.begin(), stem.end(), [](char c) { return !is_safe(c); }, '_');
  return fmt::format("{}-x{}", stem, core::sha256_hex(batch_id, kHashBytes));
}

std::string parquet_file_name(std::string_view batch_id) { return file_stem(batch_id) + ".parquet"; }

}  // namespace imednet::staging
