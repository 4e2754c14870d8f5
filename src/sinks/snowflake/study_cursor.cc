#include "sinks/snowflake/study_cursor.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/digest.h"
#include "sinks/snowflake/target.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::size_t kCheckBytes = 8;
constexpr const char* kMayNotMake = "003001";  // the role lacks CREATE TABLE: then it has never made one

ordered_json members(const StudyCursor& cursor) {
  return {{"version", kVersion},
          {"study", cursor.study},
          {"target", cursor.target},
          {"run_id", cursor.run_id},
          {"verified_at", cursor.verified_at},
          {"read_at", cursor.read_at},
          {"plan_hash", cursor.plan_hash},
          {"recent_hash", cursor.recent_hash},
          {"recent_rows", cursor.recent_rows},
          {"table_created", cursor.table.created},
          {"table_rows", cursor.table.rows},
          {"table_bytes", cursor.table.bytes},
          {"live_rows", cursor.live_rows},
          {"partial_runs", cursor.partial_runs}};
}

std::string dumped(const ordered_json& json) { return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace); }

// A comment is easily edited; what was edited is not believed.
std::string check_of(const ordered_json& json) { return core::sha256_hex(dumped(json), kCheckBytes); }

StudyCursor read_members(const ordered_json& json) {
  const auto text = [&](const char* name) { return json.at(name).get<std::string>(); };
  const auto number = [&](const char* name) { return json.at(name).get<std::int64_t>(); };
  return {.study = text("study"),
          .target = text("target"),
          .run_id = text("run_id"),
          .verified_at = text("verified_at"),
          .read_at = text("read_at"),
          .plan_hash = text("plan_hash"),
          .recent_hash = text("recent_hash"),
          .recent_rows = number("recent_rows"),
          .table = {text("table_created"), text("table_rows"), text("table_bytes")},
          .live_rows = number("live_rows"),
          .partial_runs = number("partial_runs")};
}

// A schema that is not there holds no table; what that means, the steps that need it say better.
db::Answer shown_tables(const LeaseDeps& deps, const ObjectName& table, std::string_view step) {
  try {
    return deps.run(show_tables(table), step);
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::not_found || error.code() == ErrorCode::permission_denied) return {};
    throw;
  }
}

// SHOW … LIKE knows wild cards: the row with exactly that name counts.
std::optional<std::size_t> row_of(const db::Answer& shown, const ObjectName& table) {
  for (std::size_t row = 0; row < shown.rows.size(); ++row) {
    if (shown.at(row, "name") == table.object().name()) return row;
  }
  return std::nullopt;
}

[[noreturn]] void throw_cannot_set_aside(const ObjectName& table, const ImednetError& error) {
  throw errors::ExportConfigurationError(
      fmt::format("cannot change the study's rows: the comment of {}, by which later runs skip work, can't be emptied: {}", table.text(),
                  error.what()),
      {.code = error.code(),
       .hint = fmt::format("another role made that table: load with that role, or ask for: GRANT OWNERSHIP ON TABLE {} TO ROLE <role>, or "
                           "for it to be dropped",
                           table.sql()),
       .origin = error.origin()});
}

bool is_passing(const ImednetError& error) {
  return error.code() == ErrorCode::cancelled || error.retry_class() != errors::RetryClass::never;
}

}  // namespace

std::string StudyCursor::text() const {
  ordered_json json = members(*this);
  json["check"] = check_of(json);
  return dumped(json);
}

std::optional<StudyCursor> StudyCursor::parse(std::string_view text, std::string& problem) {
  problem = text.empty() ? "no verified run has left a cursor" : "the cursor's comment is damaged, or not one of ours";
  ordered_json json = ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const auto version = json.find("version");
  const auto check = json.find("check");
  if (version == json.end() || check == json.end() || !check->is_string()) return std::nullopt;
  if (*version != kVersion) {
    problem = "another version of the program wrote the cursor";
    return std::nullopt;
  }
  const std::string wanted = check->get<std::string>();
  json.erase("check");
  if (check_of(json) != wanted) return std::nullopt;
  try {
    StudyCursor cursor = read_members(json);
    problem.clear();
    return cursor;
  } catch (const ordered_json::exception&) {
    return std::nullopt;
  }
}

CursorTable::CursorTable(LeaseDeps deps, const ObjectName& ledger, std::string study, ObjectName target)
    : deps_(std::move(deps)),
      study_(std::move(study)),
      target_(std::move(target)),
      table_(cursor_table_of(ledger, study_, target_.text())) {}

TableFacts CursorTable::target_facts() {
  TableFacts facts;
  deps_.attempt("show-table", [&] {
    const db::Answer shown = shown_tables(deps_, target_, "show-table");
    facts = {};
    if (const auto row = row_of(shown, target_)) {
      facts = {shown.at(*row, "created_on").value_or(""), shown.at(*row, "rows").value_or(""), shown.at(*row, "bytes").value_or("")};
    }
  });
  return facts;
}

CursorTable::Seen CursorTable::look() {
  Seen seen;
  deps_.attempt("show-cursor", [&] {
    const db::Answer shown = shown_tables(deps_, table_, "show-cursor");
    const auto row = row_of(shown, table_);
    seen.is_there = row.has_value();
    seen.text = row ? shown.at(*row, "comment").value_or("") : "";
  });
  seen.table = target_facts();
  seen.cursor = StudyCursor::parse(seen.text, seen.problem);
  if (!seen.cursor) return seen;
  if (seen.cursor->study != study_ || seen.cursor->target != target_.text()) {
    seen.problem = "the cursor's comment is that of another study or table";
  } else if (seen.table.created != seen.cursor->table.created) {
    seen.problem = fmt::format("{} is not the table of the last verified run", target_.text());
  } else if (seen.table != seen.cursor->table) {
    seen.problem = fmt::format("{} was changed since the last verified run", target_.text());
  } else {
    seen.quiet_runs = quiet_runs_of(*seen.cursor);
    return seen;
  }
  seen.cursor.reset();
  return seen;
}

// "<run id> <number>"; that of another run counts from nothing.
std::int64_t CursorTable::quiet_runs_of(const StudyCursor& cursor) {
  std::int64_t runs = 0;
  deps_.attempt("describe-cursor", [&] {
    const db::Answer described = deps_.run(describe_table(table_), "describe-cursor");
    runs = 0;
    if (described.rows.empty()) return;
    const std::string text = described.at(0, "comment").value_or("");
    const std::string before = cursor.run_id + " ";
    if (!text.starts_with(before)) return;
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data() + before.size(), end, runs).ptr != end || runs < 0) runs = 0;
  });
  return runs;
}

void CursorTable::make() { deps_.run(create_cursor_table(table_), "cursor-create"); }

void CursorTable::set_aside(bool may_make) {
  deps_.attempt("cursor-aside", [&] {
    try {
      const db::Answer shown = shown_tables(deps_, table_, "show-cursor");
      const auto row = row_of(shown, table_);
      if (row && shown.at(*row, "comment").value_or("").empty()) return;
      if (!row && !may_make) return;
      if (!row) {
        try {
          make();
        } catch (const ImednetError& error) {
          if (error.origin().vendor_code == kMayNotMake) return;
          throw;
        }
      }
      deps_.run(comment_on_cursor(table_, ""), "cursor-aside");
    } catch (const ImednetError& error) {
      if (is_passing(error)) throw;
      throw_cannot_set_aside(table_, error);
    }
  });
}

void CursorTable::keep(const StudyCursor& cursor) {
  deps_.attempt("cursor-keep", [&] {
    make();
    deps_.run(comment_on_cursor(table_, cursor.text()), "cursor-keep");
  });
}

void CursorTable::keep_quiet_runs(const StudyCursor& cursor, std::int64_t runs) {
  deps_.attempt("cursor-quiet",
                [&] { deps_.run(comment_on_quiet_runs(table_, fmt::format("{} {}", cursor.run_id, runs)), "cursor-quiet"); });
}

}  // namespace imednet::sinks::snowflake
