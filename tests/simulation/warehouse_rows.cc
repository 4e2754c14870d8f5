// warehouse_rows.cc: what is asked of the target's rows, and what changes them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "simulation/warehouse.h"

namespace imednet::simulation {
namespace {

std::string number(std::size_t value) { return std::to_string(value); }
std::int64_t number_of(const db::Cell& cell) { return cell ? read_number(*cell) : INT64_MIN; }

db::Answer one_number(const char* column, std::size_t value) { return {{column}, {{number(value)}}}; }

db::Answer counted(const std::map<std::string, std::size_t>& counts, const char* key) {
  db::Answer answer{{key, "ROW_COUNT"}, {}};
  for (const auto& [value, rows] : counts) answer.rows.push_back({value, number(rows)});
  return answer;
}

// Places of the columns that are asked about, in any table made like the target.
struct Places {
  explicit Places(const Table& table)
      : study(table.column("STUDY_KEY")),
        record(table.column("RECORD_ID")),
        form(table.column("FORM_KEY")),
        modified(table.column("DATE_MODIFIED")),
        hash(table.column("_ROW_HASH")),
        file(table.column("_FILE")),
        run(table.column("_RUN_ID")),
        deleted(table.column("_DELETED_AT")) {}
  std::size_t study, record, form, modified, hash, file, run, deleted;
};

__extension__ using Int128 = __int128;

// HASH() here is any function of all cells of a file's columns; the sums are exact, as NUMBER(38,0) is.
struct Checksum {
  Int128 a = 0, b = 0, c = 0;

  void add(const std::vector<db::Cell>& cells, std::int64_t record) {
    constexpr std::int64_t kModulus = 2'147'483'647;
    constexpr std::size_t kNotOfFile = 4;
    std::size_t hash = 0;
    for (std::size_t i = 0; i + kNotOfFile < cells.size(); ++i)
      hash = hash * 0x100000001b3ULL ^ (cells[i] ? std::hash<std::string>()(*cells[i]) : 0x9e3779b97f4a7c15ULL);
    const auto digest = static_cast<std::int64_t>(hash);
    a += digest;
    b += digest % kModulus;
    c += static_cast<Int128>(digest % kModulus) * record;
  }
};

}  // namespace

db::Answer Warehouse::file_facts(Call& call) {
  Table& from = table(call, call.holes[1]);
  const Places at(from);
  std::vector<std::size_t> counted_columns;
  const std::string_view items = call.holes[0];
  for (auto start = items.find("COUNT(\""); start != std::string_view::npos; start = items.find("COUNT(\"", start + 1)) {
    const auto end = items.find('"', start + 7);
    counted_columns.push_back(from.column(items.substr(start + 7, end - start - 7)));
  }
  const auto listed = read_strings(call.holes[2]);
  const std::set<std::string> wanted(listed.begin(), listed.end());
  std::map<std::string, std::vector<std::size_t>> counts;
  std::map<std::string, Checksum> sums;
  for (const StoredRow* row : rows(call, from)) {
    const auto& cells = row->cells;
    if (cells[at.deleted] || !cells[at.file] || !wanted.contains(*cells[at.file])) continue;
    if (call.holes.size() > 3 && cells[at.run] != call.holes[3]) continue;
    auto& of_file = counts[*cells[at.file]];
    of_file.resize(counted_columns.size() + 1);
    ++of_file[0];
    for (std::size_t i = 0; i < counted_columns.size(); ++i) of_file[i + 1] += cells[counted_columns[i]] ? 1 : 0;
    sums[*cells[at.file]].add(cells, read_number(cells[at.record].value_or("0")));
  }
  db::Answer answer{{"_FILE", "ROW_COUNT"}, {}};
  for (std::size_t i = 0; i < counted_columns.size(); ++i) answer.columns.push_back("N_" + number(i));
  answer.columns.insert(answer.columns.end(), {"SUM_A", "SUM_B", "SUM_C"});
  for (const auto& [file, values] : counts) {
    auto& row = answer.rows.emplace_back(std::vector<db::Cell>{file});
    for (const std::size_t value : values) row.emplace_back(number(value));
    const Checksum& sum = sums.at(file);
    for (const Int128 each : {sum.a, sum.b, sum.c}) row.emplace_back(fmt::format("{}", each));
  }
  return answer;
}

db::Answer Warehouse::study_state(Call& call) {
  Table& from = table(call, call.holes[1]);
  const Places at(from);
  std::size_t all = 0, live = 0, of_run = 0;
  std::set<std::string> ids;
  for (const StoredRow* row : rows(call, from)) {
    if (row->cells[at.study] != call.holes[2]) continue;
    ++all;
    of_run += row->cells[at.run] == call.holes[0] ? 1 : 0;
    if (row->cells[at.deleted]) continue;
    ++live;
    ids.insert(row->cells[at.record].value_or(""));
  }
  return {{"ROW_COUNT", "LIVE_ROWS", "LIVE_IDS", "RUN_ROWS"}, {{number(all), number(live), number(ids.size()), number(of_run)}}};
}

db::Answer Warehouse::form_rows(Call& call) {
  Table& from = table(call, call.holes[0]);
  const Places at(from);
  std::map<std::string, std::size_t> counts;
  for (const StoredRow* row : rows(call, from)) {
    if (row->cells[at.study] == call.holes[1] && !row->cells[at.deleted]) ++counts[row->cells[at.form].value_or("")];
  }
  return counted(counts, "FORM_KEY");
}

db::Answer Warehouse::run_rows(Call& call) {
  Table& from = table(call, call.holes[0]);
  const Places at(from);
  std::map<std::string, std::size_t> counts;
  for (const StoredRow* row : rows(call, from)) {
    if (row->cells[at.study] == call.holes[1] && row->cells[at.run] == call.holes[2]) ++counts[row->cells[at.file].value_or("")];
  }
  return counted(counts, "_FILE");
}

db::Answer Warehouse::run_records(Call& call) {
  Table& from = table(call, call.holes[0]);
  const Places at(from);
  std::multiset<std::int64_t> ids;
  for (const StoredRow* row : rows(call, from)) {
    if (row->cells[at.study] == call.holes[1] && row->cells[at.run] == call.holes[2]) ids.insert(number_of(row->cells[at.record]));
  }
  db::Answer answer{{"RECORD_ID"}, {}};
  for (const std::int64_t id : ids) answer.rows.push_back({std::to_string(id)});
  return answer;
}

db::Answer Warehouse::key_counts(Call& call) {
  Table& from = table(call, call.holes[0]);
  const Places at(from);
  std::set<std::pair<db::Cell, db::Cell>> keys;
  const auto all = rows(call, from);
  for (const StoredRow* row : all) keys.emplace(row->cells[at.study], row->cells[at.record]);
  return {{"ROW_COUNT", "KEY_COUNT"}, {{number(all.size()), number(keys.size())}}};
}

db::Answer Warehouse::equal_rows(Call& call) {
  Table& target = table(call, call.holes[0]);
  Table& source = table(call, call.holes[1]);
  const Places at(target);
  std::multimap<std::pair<db::Cell, db::Cell>, db::Cell> hashes;
  for (const StoredRow* row : rows(call, source))
    hashes.emplace(std::pair(row->cells[at.study], row->cells[at.record]), row->cells[at.hash]);
  std::size_t equal = 0;
  for (const StoredRow* row : rows(call, target)) {
    if (row->cells[at.deleted]) continue;
    const auto [first, last] = hashes.equal_range({row->cells[at.study], row->cells[at.record]});
    equal +=
        static_cast<std::size_t>(std::count_if(first, last, [&](const auto& s) { return s.second && s.second == row->cells[at.hash]; }));
  }
  return one_number("ROW_COUNT", equal);
}

db::Answer Warehouse::missing_records(Call& call) {
  constexpr const char* kStaged =
      " AND NOT EXISTS (SELECT 1 FROM {t} s WHERE t.\"STUDY_KEY\" = s.\"STUDY_KEY\" AND t.\"RECORD_ID\" = s.\"RECORD_ID\"){*}";
  constexpr const char* kKept = " AND NOT (t.\"RECORD_ID\" BETWEEN {i} AND {i}){*}";
  Table& target = table(call, call.holes[0]);
  const Places at(target);
  std::set<db::Cell> staged;
  std::vector<std::pair<std::int64_t, std::int64_t>> kept;
  std::string rest = call.holes[2];
  if (auto part = match(rest, kStaged)) {
    for (const StoredRow* row : rows(call, table(call, (*part)[0]))) staged.insert(row->cells[at.record]);
    rest = (*part)[1];
  }
  while (!rest.empty()) {
    const auto part = match(rest, kKept);
    if (!part) world_.violate("the simulated warehouse does not know this condition: " + rest);
    kept.emplace_back(read_number((*part)[0]), read_number((*part)[1]));
    rest = (*part)[2];
  }
  std::multiset<std::int64_t> missing;
  for (const StoredRow* row : rows(call, target)) {
    const std::int64_t id = number_of(row->cells[at.record]);
    const bool is_kept = std::any_of(kept.begin(), kept.end(), [id](const auto& r) { return r.first <= id && id <= r.second; });
    if (row->cells[at.study] == call.holes[1] && !row->cells[at.deleted] && !is_kept && !staged.contains(row->cells[at.record]))
      missing.insert(id);
  }
  db::Answer answer{{"RECORD_ID"}, {}};
  for (const std::int64_t id : missing) answer.rows.push_back({std::to_string(id)});
  return answer;
}

db::Answer Warehouse::update(Call& call, Table& changed, const std::function<bool(const std::vector<db::Cell>&)>& wanted,
                             const std::function<void(std::vector<db::Cell>&)>& change) {
  const std::int64_t transaction = begin_change(call);
  lock(call, changed, transaction);
  std::vector<StoredRow> written;
  for (StoredRow* row : rows(call, changed)) {
    if (!wanted(row->cells)) continue;
    written.push_back({row->cells, transaction, 0});
    row->died = transaction;
    change(written.back().cells);
  }
  for (StoredRow& row : written) changed.rows.push_back(std::move(row));
  end_change(call, transaction);
  return {{"number of rows updated", "number of multi-joined rows updated"}, {{number(written.size()), "0"}}};
}

db::Answer Warehouse::mark_deleted(Call& call) {
  Table& target = table(call, call.holes[0]);
  const Places at(target);
  std::set<std::string> ids;
  std::string_view list = call.holes[2];
  for (std::size_t start = 0; start < list.size();) {
    const std::size_t end = std::min(list.find(", ", start), list.size());
    ids.emplace(list.substr(start, end - start));
    start = end + 2;
  }
  return update(
      call, target,
      [&](const auto& c) { return c[at.study] == call.holes[1] && !c[at.deleted] && ids.contains(c[at.record].value_or("")); },
      [&](auto& c) { c[at.deleted] = std::to_string(world_.now()); });
}

db::Answer Warehouse::delete_study(Call& call) {
  Table& target = table(call, call.holes[0]);
  const Places at(target);
  const std::int64_t transaction = begin_change(call);
  lock(call, target, transaction);
  std::size_t gone = 0;
  for (StoredRow* row : rows(call, target)) {
    if (row->cells[at.study] != call.holes[1]) continue;
    row->died = transaction;
    ++gone;
  }
  end_change(call, transaction);
  return one_number("number of rows deleted", gone);
}

// QUALIFY ROW_NUMBER() … = 1: of each record the row that comes first by DATE_MODIFIED, then by its file's place in `order`.
std::vector<StoredRow*> Warehouse::newest(Call& call, Table& from, const std::string& order) {
  const Places at(from);
  const auto place = [&](const StoredRow& row) {
    const auto found = order.find("'" + row.cells[at.file].value_or("") + "' THEN ");
    return found == std::string::npos ? -1 : read_number(std::string_view(order).substr(order.find("THEN ", found) + 5));
  };
  std::map<std::int64_t, StoredRow*> best;
  for (StoredRow* row : rows(call, from)) {
    StoredRow*& now = best[number_of(row->cells[at.record])];
    const auto rank = [&](const StoredRow& r) { return std::tuple(number_of(r.cells[at.modified]), place(r), r.cells[at.file]); };
    if (now == nullptr || rank(*now) < rank(*row)) now = row;
  }
  std::vector<StoredRow*> chosen;
  for (const auto& [id, row] : best) chosen.push_back(row);
  return chosen;
}

db::Answer Warehouse::insert_all(Call& call) {
  Table& target = table(call, call.holes[0]);
  const std::int64_t transaction = begin_change(call);
  const auto source = rows(call, table(call, call.holes[1]));
  for (const StoredRow* row : source) target.rows.push_back({row->cells, transaction, 0});
  end_change(call, transaction);
  return one_number("number of rows inserted", source.size());
}

db::Answer Warehouse::insert_newest(Call& call) {
  Table& target = table(call, call.holes[0]);
  const std::int64_t transaction = begin_change(call);
  const auto source = newest(call, table(call, call.holes[1]), call.holes[2]);
  for (const StoredRow* row : source) target.rows.push_back({row->cells, transaction, 0});
  end_change(call, transaction);
  return one_number("number of rows inserted", source.size());
}

db::Answer Warehouse::merge(Call& call) {
  Table& target = table(call, call.holes[0]);
  const Places at(target);
  const std::int64_t transaction = begin_change(call);
  lock(call, target, transaction);
  std::map<std::pair<db::Cell, db::Cell>, const StoredRow*> source;
  for (const StoredRow* row : newest(call, table(call, call.holes[1]), call.holes[2]))
    source[{row->cells[at.study], row->cells[at.record]}] = row;
  std::vector<StoredRow> written;
  std::set<const StoredRow*> matched;
  for (StoredRow* row : rows(call, target)) {
    const auto found = source.find({row->cells[at.study], row->cells[at.record]});
    if (found == source.end()) continue;
    matched.insert(found->second);
    const auto& cells = row->cells;
    if (cells[at.hash] == found->second->cells[at.hash] && cells[at.hash] && !cells[at.deleted]) continue;
    row->died = transaction;
    written.push_back({found->second->cells, transaction, 0});
  }
  const std::size_t updated = written.size();
  for (const auto& [key, row] : source) {
    if (!matched.contains(row)) written.push_back({row->cells, transaction, 0});
  }
  const std::size_t inserted = written.size() - updated;
  for (StoredRow& row : written) target.rows.push_back(std::move(row));
  end_change(call, transaction);
  return {{"number of rows inserted", "number of rows updated"}, {{number(inserted), number(updated)}}};
}

}  // namespace imednet::simulation
