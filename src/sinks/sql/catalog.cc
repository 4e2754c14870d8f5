#include "sinks/sql/catalog.h"

#include <algorithm>
#include <initializer_list>

#include "table/column_names.h"

namespace imednet::sinks::sql {
namespace {

// PostgreSQL: a row lies on one page, which keeps 32 bytes for itself; its head and the marks of nulls in 1,600 columns take 224. A text of
// more than 24 bytes is moved out of the row where it has to be, and no other value of ours takes more than 8.
constexpr std::size_t kPageBytesKept = 256;
constexpr std::size_t kTextBytes = 24, kOtherBytes = 8;

bool has_all(const std::vector<std::string>& columns, std::initializer_list<std::string_view> names) {
  return std::ranges::all_of(names, [&](std::string_view name) {
    return std::ranges::any_of(columns, [&](const std::string& column) { return table::folded(column) == name; });
  });
}

bool has_any(const std::vector<std::string>& columns, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](std::string_view name) { return has_all(columns, {name}); });
}

}  // namespace

Widths widths_of(SqlSession& session, const Statements& statements, const Dialect& dialect) {
  const auto question = statements.limits();
  if (!question) return {.columns = dialect.columns, .page_bytes = dialect.page_bytes};
  const db::Answer answer = session.run(*question, "limits");
  return {.columns = static_cast<std::size_t>(answer.number(0, "columns")),
          .page_bytes = static_cast<std::size_t>(answer.number(0, "page_bytes"))};
}

table::TableRoom Catalog::room() const {
  const Widths widths = session_ != nullptr ? widths_of(*session_, statements_, dialect_)
                                            : Widths{.columns = dialect_.columns, .page_bytes = dialect_.page_bytes};
  table::TableRoom room{.columns = widths.columns - service_columns().size(), .tells_case = dialect_.folds_names};
  if (widths.page_bytes == 0) return room;
  room.row_bytes = widths.page_bytes - kPageBytesKept - service_columns().size() * kTextBytes;
  room.text_bytes = kTextBytes;
  room.other_bytes = kOtherBytes;
  return room;
}

std::vector<std::string> Catalog::columns(const TableName& table) const {
  std::vector<std::string> names;
  if (session_ == nullptr) return names;
  const db::Answer there = session_->run(statements_.columns_of(table), "describe");
  for (std::size_t row = 0; row < there.rows.size(); ++row) names.push_back(there.at(row, "name").value_or(""));
  return names;
}

std::vector<Catalog::Loaded> Catalog::loaded(const std::string& study, std::string_view layout) const {
  std::vector<Loaded> found;
  if (session_ == nullptr || columns(statements_.target().beside("imednet_loads")).empty()) return found;
  const db::Answer answer = session_->run(statements_.files_of_layout(study, layout), "ledger-tables");
  for (std::size_t row = 0; row < answer.rows.size(); ++row)
    found.push_back({answer.at(row, "target_table").value_or(""), answer.at(row, "batch_id").value_or("")});
  return found;
}

bool is_further_part(const std::vector<std::string>& columns) {
  return has_all(columns, {"study_key", "record_id", "_row_hash", "_file", "_run_id", "_loaded_at", "_deleted_at"}) &&
         !has_any(columns, {"form_key", "_raw", "record_data"});
}

bool is_joining_view(const std::vector<std::string>& columns) {
  return has_all(columns, {"study_key", "record_id", "form_key"}) && !has_any(columns, {"_row_hash"});
}

}  // namespace imednet::sinks::sql
