#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace imednet::sandbox::edc {

enum class AttributeKind {
  kInteger,
  kBoolean,
  kStamp,  // `YYYY-MM-DD HH:MM:SS` in answers, ISO with a zone in filters
  kDate,   // `YYYY-MM-DD` in both
  kText,
  kNested,  // lists and objects: served, neither filtered nor sorted
};

struct Attribute {
  std::string_view name;
  AttributeKind kind;

  // "list.member": filtered, not sorted by.
  bool is_within_list() const { return name.find('.') != std::string_view::npos; }
};

// What the vendor's pages say about one list endpoint.
struct Resource {
  std::string_view name;  // the last part of the path, and the name of the data file
  std::string_view id;
  std::vector<std::string_view> default_sort;
  std::vector<Attribute> attributes;
  bool takes_filter = true;

  std::optional<std::size_t> find(std::string_view attribute) const;
  std::size_t id_index() const;
  bool integer_id() const;
};

std::span<const Resource> all_resources();
const Resource* find_resource(std::string_view name);

}  // namespace imednet::sandbox::edc
