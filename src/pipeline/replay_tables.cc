#include "pipeline/replay_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "imednet/errors.h"
#include "pipeline/typed_table.h"

namespace imednet::pipeline {

using errors::ErrorCode;
using sinks::snowflake::ExportRun;
using sinks::snowflake::ObjectName;
using sinks::snowflake::TableShape;
using table::OwnedColumn;

namespace {

ObjectName table_named(const ExportRun& run, const FoundFile& file) {
  return ObjectName::parse(file.table, run.table().database(), run.table().schema(), "table");
}

// Where a file goes, and the table that its rows' exports take the lease for.
struct Place {
  ObjectName target, leased;
};

Place place_of(const ExportRun& run, const FoundFile& file, bool is_named) {
  const ObjectName named = table_named(run, file);
  const auto series = file.layout.owned() ? typed_series(file.study, file.facts.batch_id) : std::nullopt;
  if (!series) return {named, named};
  const std::string suffix = suffix_of_series(*series);
  if (is_named) return {typed_table(named, suffix), named};
  if (const auto base = base_of(named, suffix)) return {named, *base};
  throw errors::ExportConfigurationError(
      fmt::format("cannot replay the batch {}: {} does not say which table it is a typed one of", file.facts.batch_id, named.text()),
      {.code = ErrorCode::config, .hint = "name that table with --table", .origin = {.system = "local"}});
}

void take_columns(std::vector<OwnedColumn>& all, const FoundFile& file, const std::string& table) {
  if (all.empty()) {
    all = file.layout.owned()->columns();
    return;
  }
  for (const OwnedColumn& column : file.layout.owned()->columns()) {
    const auto known = std::ranges::find(all, column.name, &OwnedColumn::name);
    if (known == all.end()) {
      all.insert(std::prev(all.end()), column);  // the row hash stays the last one
    } else if (known->kind != column.kind) {
      throw errors::ExportError(fmt::format("cannot replay into {}: the column {} has one type in {} and another one in other files", table,
                                            column.name, file.facts.batch_id),
                                {.code = ErrorCode::unsupported,
                                 .hint = "load the files of one run with --run; nothing was written",
                                 .origin = {.system = "local"}});
    }
  }
}

// What a file holds of each column of the table, as if it had them all.
void spread_counts(staging::StagedFile& facts, const std::vector<OwnedColumn>& columns) {
  const std::map<std::string, std::int64_t, std::less<>> counts(facts.non_null.begin(), facts.non_null.end());
  facts.non_null.clear();
  for (const OwnedColumn& column : columns) {
    const auto count = counts.find(column.name);
    facts.non_null.emplace_back(column.name, count == counts.end() ? 0 : count->second);
  }
}

// The newest file's columns come first, in its order.
void shape_table(ReplayTable& table, const ObjectName& target) {
  const FoundFile& one = *table.files.front();
  if (one.layout.owned()) {
    std::vector<FoundFile*> newest = table.files;
    std::ranges::stable_sort(newest, std::ranges::greater(), [](const FoundFile* file) { return file->run_id; });
    std::vector<OwnedColumn> columns;
    for (const FoundFile* file : newest) take_columns(columns, *file, target.text());
    for (FoundFile* file : newest) spread_counts(file->facts, columns);
    table.layout =
        std::make_unique<const table::OwnedLayout>(std::string(one.layout.layout().name), one.layout.layout().version, std::move(columns));
    table.shape = std::make_unique<const TableShape>(table.layout->layout());
  }
  table.loader = table.run->loader_of(target, table.shape ? *table.shape : sinks::snowflake::records_shape());
}

}  // namespace

std::vector<ReplayTable> replay_tables(ExportRun& run, std::vector<FoundFile>& files, bool is_named) {
  std::vector<ReplayTable> tables;
  std::vector<ObjectName> targets;  // one a table
  for (FoundFile& file : files) {
    Place place = place_of(run, file, is_named);
    std::size_t at = 0;
    while (at < tables.size() && (tables[at].study != file.study || targets[at] != place.target ||
                                  tables[at].files.front()->layout.layout().name != file.layout.layout().name))
      ++at;
    if (at == tables.size()) {
      const std::string leased = place.leased.text();
      const auto last = std::find_if(tables.rbegin(), tables.rend(),
                                     [&](const ReplayTable& one) { return one.study == file.study && one.leased == leased; });
      at = last == tables.rend() ? tables.size() : static_cast<std::size_t>(last.base() - tables.begin());
      tables.insert(tables.begin() + static_cast<std::ptrdiff_t>(at),
                    ReplayTable{.run = &run, .study = file.study, .leased = leased, .files = {}});
      targets.insert(targets.begin() + static_cast<std::ptrdiff_t>(at), std::move(place.target));
    }
    tables[at].files.push_back(&file);
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    std::ranges::stable_sort(tables[i].files, {}, [](const FoundFile* file) { return file->facts.first_record_id; });
    shape_table(tables[i], targets[i]);
  }
  return tables;
}

}  // namespace imednet::pipeline
