#include "pipeline/table_study.h"

#include <utility>

#include "pipeline/write_mode.h"

namespace imednet::pipeline {
namespace {

sinks::sql::TableName name_of(const std::string& table, const sinks::sql::Dialect& dialect) {
  if (!table.empty()) return sinks::sql::TableName::parse(table, dialect);
  throw errors::ExportConfigurationError("cannot look at a table: its name is missing",
                                         {.code = errors::ErrorCode::config, .hint = "name the table of the export"});
}

}  // namespace

TableStudy::TableStudy(const ImednetSDK& sdk, std::string_view study, sinks::sql::SqlPlace place, const std::string& table,
                       const integrations::TableLoad& load)
    : sdk_(sdk),
      study_(required_study(study)),
      place_(sinks::sql::for_reading(std::move(place))),
      table_(name_of(table, *place_.dialect)),
      load_(load),
      temporary_(core::temporary_root(), "imednet-export"),
      steps_(load.on_progress, core::system_clock()) {}

void TableStudy::read(const std::function<void()>& look) {
  steps_.enter("connecting", 0, 0);
  tables_.emplace(sdk_, study_, table_, *place_.dialect, load_.layout);
  look();
  const auto batch_size = static_cast<std::int64_t>(load_.batch_size);
  const ReadingHost host{.directory = temporary_.path(),
                         .batch_size = batch_size,
                         .connections = load_.connections,
                         .stop = load_.stop,
                         .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
                         .beat = [] {}};
  read_study(host, sdk_, study_, staged_, [&] {
    if (tables_->forms() != nullptr) steps_.enter("typing", staged_.proof);
    tables_->stage(staged_, batch_size, temporary_.path(), temporary_.path(), load_.stop);
  });
}

}  // namespace imednet::pipeline
