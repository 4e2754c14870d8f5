#include "sandbox/edc/synthetic_table.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "sandbox/edc/json_scan.h"

namespace imednet::sandbox::edc {

SyntheticTable::SyntheticTable(std::shared_ptr<const StoredTable> base, std::string study_key, std::size_t size)
    : Table(base->resource()),
      base_(std::move(base)),
      study_key_(std::move(study_key)),
      quoted_key_(quoted_json(study_key_)),
      size_(size),
      key_attribute_(resource().find("studyKey").value()) {
  if (base_->size() == 0 || size_ > std::numeric_limits<std::uint32_t>::max()) {
    throw std::invalid_argument("a synthetic study needs records to start from and may have at most 2^32 - 1");
  }
  cuts_.reserve(base_->size());
  for (const Row& row : base_->rows()) {
    const auto key = find_member(row.text, "studyKey");
    const auto id = find_member(row.text, resource().id);
    if (!key || !id) {
      throw std::invalid_argument("a synthetic study cannot be made from a record without studyKey or id");
    }
    const bool id_first = id->data() < key->data();
    const std::string_view one = id_first ? *id : *key;
    const std::string_view two = id_first ? *key : *id;
    const char* const start = row.text.data();
    const char* const end = start + row.text.size();
    cuts_.push_back({std::string_view(start, one.data()), std::string_view(one.data() + one.size(), two.data()),
                     std::string_view(two.data() + two.size(), end), id_first});
  }
}

std::size_t SyntheticTable::lower_rank(std::int64_t id) const {
  return id <= kFirstId ? 0 : std::min(size_, static_cast<std::size_t>(id - kFirstId));
}

void SyntheticTable::append_row(std::size_t rank, std::string& out) const {
  const Cut& cut = cuts_[rank % cuts_.size()];
  const std::string id = std::to_string(kFirstId + static_cast<std::int64_t>(rank));
  out.append(cut.before).append(cut.id_first ? id : quoted_key_);
  out.append(cut.between).append(cut.id_first ? quoted_key_ : id);
  out.append(cut.after);
}

Value SyntheticTable::value(std::size_t rank, std::size_t attribute) const {
  if (attribute == resource().id_index()) {
    return {true, kFirstId + static_cast<std::int64_t>(rank), {}};
  }
  if (attribute == key_attribute_) {
    return {true, 0, study_key_};
  }
  return base_->value(rank % cuts_.size(), attribute);
}

std::optional<std::string> SyntheticTable::data_value(std::size_t rank, std::string_view folded_name) const {
  return base_->data_value(rank % cuts_.size(), folded_name);
}

}  // namespace imednet::sandbox::edc
