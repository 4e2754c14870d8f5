// json_opinion.h: another reader's view of elements of the API: what each field of a model must hold, or that it can't be read.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "fuzz/target.h"
#include "imednet/models.h"

namespace imednet::fuzz {

using nlohmann::json;

// A JSON text to this reader.
struct Document {
  json value;
  bool is_json = false;   // and without what the readers need not agree on:
  bool has_twin = false;  // a member that stands in an object twice
  bool is_deep = false;   // deeper than any element is
  bool is_settled() const { return is_json && !has_twin && !is_deep; }
};
Document read_document(std::string_view text);

// By the rules of docs/api.md, "Leniency". nullopt within the pair's second: null; false in its first: not to be read.
template <class Value>
struct Opinion {
  bool is_readable = false;
  std::optional<Value> value{};
};
Opinion<std::int64_t> id_of(const json& value);
Opinion<bool> flag_of(const json& value);

// Goes over the fields of one model: judges whether each can be read, and compares where it is told to.
class Judge {
 public:
  Judge(const json& element, bool compares) : element_(element), compares_(compares) {}

  Judge& operator()(const char* name, const OptionalText& field);
  Judge& operator()(const char* name, const OptionalId& field);
  Judge& operator()(const char* name, const OptionalFlag& field);
  Judge& exact(const char* name, const OptionalText& field);       // the JSON text as sent
  Judge& time_parts(const char* name, const OptionalText& field);  // of an array the JSON text, else a text
  // A list of objects; `each` goes over the fields of one of them.
  template <class Part, class Each>
  Judge& list(const char* name, const std::vector<Part>& parts, Each each) {
    const json& value = member(name);
    if (value.is_null() || value == json("")) return agree(!compares_ || parts.empty(), "an absent list is empty");
    if (!value.is_array()) return refuse();
    if (compares_) require(parts.size() == value.size(), "a list has as many parts as were sent");
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!value[i].is_object()) return refuse();
      Judge inner(value[i], compares_);
      each(inner, compares_ ? parts[i] : Part());
      is_refused_ = is_refused_ || inner.is_refused();
    }
    return *this;
  }

  // null where it is absent.
  const json& member(const char* name) const;
  Judge& refuse() {
    is_refused_ = true;
    return *this;
  }
  bool is_refused() const { return is_refused_; }
  bool compares() const { return compares_; }

 private:
  Judge& agree(bool holds, const char* rule) {
    require(holds, rule);
    return *this;
  }

  const json& element_;
  bool compares_, is_refused_ = false;
};

}  // namespace imednet::fuzz
