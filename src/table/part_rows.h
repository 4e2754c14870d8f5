// part_rows.h: whole rows of a form in, rows of one of its parts out, with the part's own hashes.
//
// Where it stands: FormBuilder's batches → this → staged file of the part.   Owner: refers to the form, and to the batch at hand.
// Source: docs/formats/forms-layout.md ("Wide forms").
#pragma once

#include <arrow/type_fwd.h>

#include <memory>

#include "table/form_layout.h"
#include "table/named_hash.h"

namespace imednet::table {

class PartRows {
 public:
  PartRows(const FormLayout& form, const FormPart& part);
  // `whole`: rows of FormLayout::layout(). Those of a form that is not split are its part's.
  std::shared_ptr<arrow::RecordBatch> of(const std::shared_ptr<arrow::RecordBatch>& whole);

 private:
  std::shared_ptr<arrow::Array> rest_hashes(const arrow::RecordBatch& whole);

  const FormLayout& form_;
  const FormPart& part_;
  std::shared_ptr<arrow::Schema> schema_;
  NamedHasher own_, rest_;
};

}  // namespace imednet::table
