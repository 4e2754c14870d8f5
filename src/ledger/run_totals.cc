#include "ledger/run_totals.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "core/digest.h"
#include "core/file.h"
#include "imednet/errors.h"
#include "ledger/manifest.h"

namespace imednet::ledger {
namespace {

using errors::ErrorCode;
using nlohmann::ordered_json;

constexpr std::string_view kTotalsHash = ",\n  \"hash\": \"";
constexpr std::size_t kTotalsHexDigits = 64;
constexpr std::string_view kEnd = "\"\n}\n";

ordered_json json_of(const PlanLayer& layer) {
  ordered_json files = ordered_json::array();
  for (const PlannedFile& file : layer.files) {
    files.push_back({{"batch_id", file.batch_id},
                     {"stage_path", file.stage_path},
                     {"rows", file.rows},
                     {"bytes", file.bytes},
                     {"hash", file.hash},
                     {"sha256", file.sha256},
                     {"first_record_id", file.first_record_id},
                     {"last_record_id", file.last_record_id}});
    if (file.part > 1) files.back()["part"] = file.part;
  }
  return {{"run_id", layer.run_id}, {"since", layer.since}, {"rows_twice", layer.rows_twice}, {"files", std::move(files)}};
}

ordered_json json_of(const TypedTable& typed) {
  ordered_json columns = ordered_json::array();
  for (const TypedTable::Column& column : typed.columns) columns.push_back(ordered_json::array({column.name, column.kind}));
  return {{"base", typed.base},           {"series", typed.series},
          {"forms", typed.choice.forms},  {"variables", typed.choice.variables},
          {"sites", typed.choice.sites},  {"include_blinded", typed.choice.include_blinded},
          {"columns", std::move(columns)}};
}

ordered_json json_of(const std::vector<StudyPlan>& plans) {
  ordered_json all = ordered_json::array();
  for (const StudyPlan& plan : plans) {
    ordered_json layers = ordered_json::array();
    for (const PlanLayer& layer : plan.layers) layers.push_back(json_of(layer));
    all.push_back({{"study", plan.study}, {"table", plan.table}, {"layers", std::move(layers)}});
    if (plan.typed) all.back()["typed"] = json_of(*plan.typed);
  }
  return all;
}

PlanLayer layer_of(const ordered_json& json) {
  PlanLayer layer{json.at("run_id"), json.at("since"), json.at("rows_twice"), {}};
  for (const ordered_json& file : json.at("files")) {
    layer.files.push_back({file.at("batch_id"), file.at("stage_path"), file.at("hash"), file.at("sha256"), file.at("rows"),
                           file.at("bytes"), file.at("first_record_id"), file.at("last_record_id"), file.value("part", std::int64_t{1})});
  }
  return layer;
}

TypedTable typed_of(const ordered_json& json) {
  TypedTable typed{.base = json.at("base"), .series = json.at("series")};
  typed.choice.name = integrations::LayoutName::forms;
  json.at("forms").get_to(typed.choice.forms);
  json.at("variables").get_to(typed.choice.variables);
  json.at("sites").get_to(typed.choice.sites);
  json.at("include_blinded").get_to(typed.choice.include_blinded);
  for (const ordered_json& column : json.at("columns")) typed.columns.push_back({column.at(0), column.at(1)});
  return typed;
}

StudyPlan plan_of(const ordered_json& json) {
  StudyPlan plan{json.at("study"), json.at("table"), {}};
  for (const ordered_json& layer : json.at("layers")) plan.layers.push_back(layer_of(layer));
  if (json.contains("typed")) plan.typed = typed_of(json.at("typed"));
  if (plan.layers.empty()) throw ordered_json::other_error::create(501, "a plan without a reading", &json);
  return plan;
}

RunTotals totals_of(const ordered_json& json) {
  const ordered_json& chain = json.at("chain");
  RunTotals totals;
  json.at("run_id").get_to(totals.run_id);
  json.at("study").get_to(totals.study);
  json.at("table").get_to(totals.table);
  json.at("rows_staged").get_to(totals.rows_staged);
  json.at("bytes_staged").get_to(totals.bytes_staged);
  json.at("files").get_to(totals.files);
  json.at("reconciled").get_to(totals.is_reconciled);
  chain.at("manifest").get_to(totals.manifest_name);
  chain.at("manifest_bytes").get_to(totals.manifest_bytes);
  chain.at("manifest_sha256").get_to(totals.manifest_sha256);
  chain.at("previous_sha256").get_to(totals.previous_sha256);
  chain.at("runs").get_to(totals.runs);
  chain.at("broken").get_to(totals.broken);
  for (const ordered_json& plan : json.at("plans")) totals.plans.push_back(plan_of(plan));
  return totals;
}

[[noreturn]] void refuse(const std::filesystem::path& path, std::string_view cause, ErrorCode code = ErrorCode::corrupt) {
  throw ImednetError(fmt::format("cannot trust the run totals {}: {}", path.string(), cause),
                     {.code = code,
                      .hint = "restore the file from a copy, or export the study with another --manifest-path",
                      .origin = {.system = "local"}});
}

// Held while totals are read and replaced.
core::Descriptor lock(const std::filesystem::path& manifest) {
  core::Descriptor file(open(manifest.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0 || flock(file.get(), LOCK_EX) != 0) {
    throw ImednetError(fmt::format("cannot open the manifest {} to write the run's totals", manifest.string()),
                       {.code = core::code_of_errno(errno), .origin = {.system = "local"}});
  }
  return file;
}

// What stood there before, as far as it can be trusted; `broken` says how far it can't.
struct Former {
  std::string sha256, broken;
  std::int64_t runs = 0;
  std::vector<StudyPlan> plans;
};

Former read_former(const std::filesystem::path& path, std::string_view manifest) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const std::string text = read_text_file(path, "the run totals");
  Former former{.sha256 = core::sha256_hex(text), .broken = {}, .plans = {}};
  try {
    RunTotals totals = parse_run_totals(text, path);
    former.broken = std::move(totals.broken);
    former.runs = totals.runs;
    former.plans = std::move(totals.plans);
    const auto bytes = static_cast<std::size_t>(totals.manifest_bytes);
    const bool is_whole = manifest.size() >= bytes && core::sha256_hex(manifest.substr(0, bytes)) == totals.manifest_sha256;
    if (!is_whole && former.broken.empty()) {
      former.broken = fmt::format("after the run {} somebody changed the manifest within its first {} bytes", totals.run_id, bytes);
    }
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::corrupt) former.broken = "the totals of the run before were not what that run wrote";
  }
  return former;
}

// Where the plan of one study and table stands; the end when there is none.
auto place_of(auto& plans, std::string_view study, std::string_view table) {
  return std::find_if(plans.begin(), plans.end(), [&](const StudyPlan& plan) { return plan.study == study && plan.table == table; });
}

void take(std::vector<StudyPlan>& plans, const StudyPlan& next) {
  const PlanLayer& layer = next.layers.front();
  const auto place = place_of(plans, next.study, next.table);
  if (place == plans.end()) {  // what changed says nothing of the records that did not
    if (layer.since.empty()) plans.push_back(next);
    return;
  }
  place->typed = next.typed;
  if (layer.since.empty()) place->layers.clear();
  if (layer.since.empty() || !layer.files.empty()) place->layers.push_back(layer);
}

}  // namespace

const StudyPlan* RunTotals::find(std::string_view study_key, std::string_view table_text) const {
  const auto place = place_of(plans, study_key, table_text);
  return place == plans.end() ? nullptr : &*place;
}

std::filesystem::path run_totals_path(const std::filesystem::path& manifest) {
  std::filesystem::path path = manifest;
  path += ".run.json";
  return path;
}

void write_run_totals(const std::filesystem::path& manifest, const RunEnd& end) {
  const core::Descriptor held = lock(manifest);
  const std::filesystem::path path = run_totals_path(manifest);
  const std::string text = read_text_file(manifest, "the manifest");
  Former former = read_former(path, text);
  if (!end.is_unchanged) {
    for (const StudyPlan& plan : end.plans) take(former.plans, plan);
  }
  ordered_json json = ordered_json::parse(end.report);
  json["chain"] = {{"manifest", manifest.filename().string()}, {"manifest_bytes", text.size()}, {"manifest_sha256", core::sha256_hex(text)},
                   {"previous_sha256", former.sha256},         {"runs", former.runs + 1},       {"broken", former.broken}};
  json["plans"] = json_of(former.plans);
  std::string object = json.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  object.resize(object.size() - 2);  // the line end and the brace
  const std::string hash = core::sha256_hex(object);
  write_file_atomically(path, object.append(kTotalsHash).append(hash).append(kEnd));
}

RunTotals parse_run_totals(std::string_view text, const std::filesystem::path& path) {
  constexpr std::size_t kTail = kTotalsHash.size() + kTotalsHexDigits + kEnd.size();
  const std::size_t start = text.size() < kTail ? std::string_view::npos : text.size() - kTail;
  try {
    if (start == std::string_view::npos || text.substr(start, kTotalsHash.size()) != kTotalsHash || !text.ends_with(kEnd)) {
      const ordered_json json = ordered_json::parse(text);
      if (!json.is_object() || json.contains("chain") || !json.contains("run_id")) refuse(path, "it does not end with its hash");
      refuse(path, "a version without a chain wrote it", ErrorCode::unsupported);
    }
    if (text.substr(start + kTotalsHash.size(), kTotalsHexDigits) != core::sha256_hex(text.substr(0, start)))
      refuse(path, "its text is not the one its hash was made of");
    return totals_of(ordered_json::parse(text));
  } catch (const ordered_json::exception&) {
    refuse(path, "it is not the JSON object that a run writes");
  }
}

}  // namespace imednet::ledger
