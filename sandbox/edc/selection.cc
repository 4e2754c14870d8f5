#include "sandbox/edc/selection.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace imednet::sandbox::edc {
namespace {

struct Range {
  std::size_t first;
  std::size_t last;  // past the end
};

// The run of ranks that one comparison with the id leaves.
Range id_range(const Table& table, const BoundTerm& term) {
  const std::size_t size = table.size();
  const std::size_t from = table.lower_rank(term.number);
  const std::size_t past = term.number == std::numeric_limits<std::int64_t>::max() ? size : table.lower_rank(term.number + 1);
  switch (term.comparison) {
    case Comparison::kLess:
      return {0, from};
    case Comparison::kLessOrEqual:
      return {0, past};
    case Comparison::kGreater:
      return {past, size};
    case Comparison::kGreaterOrEqual:
      return {from, size};
    case Comparison::kEqual:
      return {from, past};
    default:
      return {0, size};
  }
}

bool is_range_over_id(const Table& table, const BoundTerm& term) {
  return table.resource().integer_id() && term.attribute == table.resource().id_index() && term.comparison != Comparison::kNotEqual;
}

// Takes the terms that the order of ids answers out of an AND and returns the run they leave.
Range narrow(const Table& table, std::vector<BoundTerm>& all_of) {
  Range range{0, table.size()};
  std::vector<BoundTerm> left;
  for (BoundTerm& term : all_of) {
    if (!is_range_over_id(table, term)) {
      left.push_back(std::move(term));
      continue;
    }
    const Range answered = id_range(table, term);
    range = {std::max(range.first, answered.first), std::min(range.last, answered.last)};
  }
  all_of = std::move(left);
  range.last = std::max(range.first, range.last);
  return range;
}

template <typename Terms, typename Matches>
bool any_group(const Terms& any_of, const Matches& matches) {
  return any_of.empty() ||
         std::any_of(any_of.begin(), any_of.end(), [&](const auto& all_of) { return std::all_of(all_of.begin(), all_of.end(), matches); });
}

bool passes(const Table& table, std::size_t rank, const BoundFilter& filter, const DataFilter& data_filter) {
  return any_group(filter, [&](const BoundTerm& term) { return table.holds(rank, term); }) &&
         any_group(data_filter, [&](const DataTerm& term) { return term.matches(table.data_value(rank, term.folded_name())); });
}

int compare_values(const Value& left, const Value& right) {
  if (left.present != right.present) {
    return left.present ? 1 : -1;  // absent before present
  }
  if (left.number != right.number) {
    return left.number < right.number ? -1 : 1;
  }
  return left.text.compare(right.text);
}

void sort_ranks(const Table& table, const std::vector<SortKey>& keys, std::vector<std::uint32_t>& ranks) {
  std::stable_sort(ranks.begin(), ranks.end(), [&](std::uint32_t left, std::uint32_t right) {
    for (const SortKey& key : keys) {
      const int order = compare_values(table.value(left, key.attribute), table.value(right, key.attribute));
      if (order != 0) {
        return key.descending ? order > 0 : order < 0;
      }
    }
    return false;
  });
}

std::string cache_key(const ListQuery& query) {
  std::string key = query.filter.text + '\n' + query.data_filter.text + '\n';
  for (const SortKey& sort : query.sort) {
    key += std::to_string(sort.attribute) + (sort.descending ? '-' : '+');
  }
  return key;
}

}  // namespace

std::shared_ptr<const Selection> select_rows(const Table& table, const ListQuery& query) {
  BoundFilter filter = bind_filter(query.filter, table.resource());
  const DataFilter data_filter = bind_data_filter(query.data_filter);
  auto selection = std::make_shared<Selection>();
  const bool by_id = query.sort.empty() || query.sort.front().attribute == table.resource().id_index();
  selection->descending = by_id && !query.sort.empty() && query.sort.front().descending;

  Range range{0, table.size()};
  if (filter.size() == 1) {
    range = narrow(table, filter.front());
  }
  const bool every_row = data_filter.empty() && (filter.empty() || (filter.size() == 1 && filter.front().empty()));
  if (every_row && by_id) {
    selection->first = range.first;
    selection->count = range.last - range.first;
    return selection;
  }

  const std::string key = cache_key(query);
  if (auto known = table.selections().find(key)) {
    return known;
  }
  selection->listed = true;
  for (std::size_t rank = range.first; rank < range.last; ++rank) {
    if (passes(table, rank, filter, data_filter)) {
      selection->ranks.push_back(static_cast<std::uint32_t>(rank));
    }
  }
  if (!by_id) {
    sort_ranks(table, query.sort, selection->ranks);
  }
  table.selections().keep(key, selection);
  return selection;
}

}  // namespace imednet::sandbox::edc
