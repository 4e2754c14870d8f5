#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sandbox/edc/predicate.h"
#include "sandbox/edc/resource.h"
#include "sandbox/edc/selection_cache.h"

namespace imednet::sandbox::edc {

// The rows of one resource of one study, in the order of their ids; a rank is a place in that order. A table never changes: a change
// to a study makes a new one, so a request sees one state from its first row to its last.
class Table {
 public:
  explicit Table(const Resource& resource) : resource_(resource) {}
  virtual ~Table() = default;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  const Resource& resource() const { return resource_; }
  SelectionCache& selections() const { return selections_; }

  virtual std::size_t size() const = 0;
  // The first rank whose integer id is not below `id`.
  virtual std::size_t lower_rank(std::int64_t id) const = 0;
  virtual void append_row(std::size_t rank, std::string& out) const = 0;
  // `attribute` counts in resource().attributes. The text lives as long as the table.
  virtual Value value(std::size_t rank, std::size_t attribute) const = 0;
  // Whether the row passes; of an attribute within a list, one element that does is enough.
  virtual bool holds(std::size_t rank, const BoundTerm& term) const { return term.matches(value(rank, term.attribute)); }
  // The value of a variable inside recordData, its name folded; nothing when the record has no such key.
  virtual std::optional<std::string> data_value(std::size_t rank, std::string_view folded_name) const = 0;

 private:
  const Resource& resource_;
  mutable SelectionCache selections_;
};

}  // namespace imednet::sandbox::edc
