// file_format.h: FILE_FORMAT = (...) of COPY, CREATE STAGE and CREATE FILE FORMAT.
//
// Defaults [doc]: a format is CSV unless it says so; of Parquet, bytes without a logical type are read as text (BINARY_AS_TEXT), and
//                 times without their logical type as the integers they are stored as (USE_LOGICAL_TYPE = FALSE).
// Vectorized:     USE_VECTORIZED_SCANNER = TRUE means BINARY_AS_TEXT = FALSE and USE_LOGICAL_TYPE = TRUE, whatever those say. [doc]
#pragma once

#include <map>
#include <optional>
#include <string>

#include "identifier.h"

namespace imednet::sandbox::snowflake {

class Translator;

struct FileFormat {
  std::optional<ObjectName> name;              // FORMAT_NAME: the rest comes from that object
  std::map<std::string, std::string> options;  // as written, names and values in upper case

  std::string type() const;
  bool binary_as_text() const;
  bool logical_types() const;
  bool trims() const;

 private:
  bool is_true(const std::string& option, bool otherwise) const;
};

// After FILE_FORMAT =: ( TYPE = … ), ( FORMAT_NAME = … ) or a name alone.
FileFormat parse_file_format(Translator& sql);
// TYPE = PARQUET USE_LOGICAL_TYPE = TRUE … until something else comes.
void parse_format_options(Translator& sql, FileFormat& format);

}  // namespace imednet::sandbox::snowflake
