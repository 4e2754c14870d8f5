// outer_columns.h: the first column and the last of every layout.
#pragma once

#include "table/layout.h"

namespace imednet::table {

inline constexpr Column kStudyKeyColumn{"study_key", ColumnKind::text, false, "key of the study"};
inline constexpr Column kRowHashColumn{"_row_hash", ColumnKind::hash, false, "hash of the data columns of this row"};

}  // namespace imednet::table
