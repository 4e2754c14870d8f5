#include "table/form_view.h"

namespace imednet::table {

FormView view_of(const FormLayout& form) {
  FormView view{.form_key = form.form_key(), .answers = {}, .columns = {}};
  const auto add = [&](std::size_t place, ViewSource source) {
    view.columns.push_back({&form.layout().columns[place], source, view.answers.empty() ? 0 : view.answers.size() - 1});
  };
  for (std::size_t place = 0; place < form_record_columns().size(); ++place) add(place, ViewSource::record);
  for (const FormColumn& column : form.columns()) {
    view.answers.push_back({folded(column.variable), column.kind});
    add(column.place, ViewSource::value);
    if (column.text_place) add(*column.text_place, ViewSource::text);
  }
  return view;
}

}  // namespace imednet::table
