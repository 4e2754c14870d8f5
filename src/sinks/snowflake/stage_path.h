// stage_path.h: where a manifest line says that its file lies, read back into the settings that put it there.
//
// Shape:  "@MY_STAGE/imednet/<hash>/MY_STUDY_records_0.parquet", flat without <hash>; the stage as a user writes it, in double
//         quotes where it is odd. Source: docs/formats/manifest.md, docs/formats/staged-file.md.
// Errors: ExportConfigurationError (invalid_argument) for a text that no export writes.
#pragma once

#include <string>
#include <string_view>

#include "sinks/snowflake/identifiers.h"

namespace imednet::sinks::snowflake {

// "<name>.parquet" with the characters that staged files have.
bool is_staged_file_name(std::string_view name);
// 32 hex: the directory of the content layout.
bool is_content_folder(std::string_view name);

struct StagePath {
  std::string stage;      // as written, without the '@'
  std::string prefix;     // "imednet"; may be empty
  std::string hash;       // the directory of the content layout; empty: the file lies flat
  std::string file_name;  // "MY_STUDY_records_0.parquet"
  std::string relative() const { return hash.empty() ? file_name : hash + "/" + file_name; }

  static StagePath parse(std::string_view text);
};

// A table as ledger and manifest name it: ObjectName::text() read back. A name with a dot in it can't be told apart.
ObjectName parse_table_text(std::string_view text);

}  // namespace imednet::sinks::snowflake
