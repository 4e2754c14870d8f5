#include "pipeline/write_mode.h"

namespace imednet::pipeline {

std::string required_study(std::string_view study_key) {
  if (study_key.find_first_not_of(" \t\r\n") != std::string_view::npos) return std::string(study_key);
  throw errors::ExportConfigurationError(
      "cannot export: the study is missing",
      {.code = errors::ErrorCode::config, .hint = "give the study's key as iMednet has it, for example MY_STUDY"});
}

}  // namespace imednet::pipeline
