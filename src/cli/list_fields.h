// list_fields.h: which fields of an element `--fields` means.
//
// Rule: "form_key" and "formKey" are one field; one that is named twice is shown once, where it stands first. A name that the model does
// not
//       know is looked for in what the API sends, under that very name or as it would be spelled there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imednet::cli {

// "formKey" → "form_key"
std::string snake_case(std::string_view name);
// "form_key" → "formKey"
std::string camel_case(std::string_view name);

class FieldChoice {
 public:
  FieldChoice(const std::vector<std::string>& asked, std::vector<std::string_view> known);

  // Whether each name is known, from the model or from an element seen.
  bool is_settled() const;
  // Looks for names that are not known yet.
  void look_into(std::string_view raw);
  // Names on the wire in the order asked for; a name that was never seen stands as it was typed.
  std::vector<std::string> names() const;
  // Throws ImednetError invalid_argument with the names there are, and the one that was probably meant.
  void require_settled() const;

 private:
  struct Name {
    std::string typed, wire;  // wire: empty as long as it is not known
  };
  std::vector<Name> names_;
  std::vector<std::string_view> known_;
};

// The one of `known` that was probably meant; empty: none is near.
std::string nearest_name(std::string_view typed, const std::vector<std::string_view>& known);

}  // namespace imednet::cli
