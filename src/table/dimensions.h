// dimensions.h: what the records' ids and keys refer to: study, sites, subjects, intervals, visits, forms, variables, a small table each.
//
// Shape:  one row an element of the API, by rising id: study_key, its fields under their names in snake case, `_raw` (the element exactly
// as
//         sent), `_row_hash`. Stamps are UTC; one that can't be read is null here and stands in `_raw`.
// Errors: ExportError (decode) for an element without its id or with a text that is not UTF-8.
// Source: docs/formats/forms-layout.md ("Dimensions"); iMednet REST API v1, resources (docs/api.md).
#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/models.h"
#include "table/layout.h"

namespace imednet::table {

inline constexpr std::string_view kDimensionLayout = "dimension";
inline constexpr int kDimensionLayoutVersion = 1;
inline constexpr std::array<std::string_view, 7> kDimensions{"STUDY", "SITE", "SUBJECT", "INTERVAL", "VISIT", "FORM", "VARIABLE"};

// A variable, and what became of it in its form's table.
struct VariableInTable : Variable {
  OptionalText table_name, column_name, text_column_name, answer_key;  // null: it has none; answer_key: as the records spell it
};

struct Dimension {
  std::string_view name;  // "SITE"
  const Layout* layout = nullptr;
  std::shared_ptr<arrow::RecordBatch> rows;
};

Dimension dimension_of(const std::string& study_key, std::vector<Study> studies);
Dimension dimension_of(const std::string& study_key, std::vector<Site> sites);
Dimension dimension_of(const std::string& study_key, std::vector<Subject> subjects);
Dimension dimension_of(const std::string& study_key, std::vector<Interval> intervals);
Dimension dimension_of(const std::string& study_key, std::vector<Visit> visits);
Dimension dimension_of(const std::string& study_key, std::vector<Form> forms);
Dimension dimension_of(const std::string& study_key, std::vector<VariableInTable> variables);

}  // namespace imednet::table
