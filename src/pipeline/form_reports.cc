#include "pipeline/form_reports.h"

namespace imednet::pipeline {

using sinks::FormRows;

std::vector<integrations::FormReport> form_reports(const FormRows& read, const FormRows& before, const FormRows& after) {
  FormRows all = read;
  all.insert(before.begin(), before.end());
  all.insert(after.begin(), after.end());
  const auto rows_of = [](const FormRows& forms, const std::string& form) {
    const auto found = forms.find(form);
    return found == forms.end() ? 0 : found->second;
  };
  std::vector<integrations::FormReport> reports;
  for (const auto& [form, ignored] : all) reports.push_back({form, rows_of(read, form), rows_of(before, form), rows_of(after, form)});
  return reports;
}

}  // namespace imednet::pipeline
