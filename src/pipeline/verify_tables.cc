// verify_tables.cc: tables of DuckDB, SQLite and PostgreSQL against what the API holds now.
//
// Order:  the database is looked at, the study read and staged as by an export; then, as one moment shows the tables, every row's hash is
//         computed anew from its values and compared, a file's share of the ids at a time.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/retry.h"
#include "imednet/integrations/verify.h"
#include "pipeline/file_row_hashes.h"
#include "pipeline/id_comparer.h"
#include "pipeline/table_study.h"
#include "pipeline/verify_report.h"
#include "sinks/sql/table_reader.h"
#include "sinks/sql/table_state.h"

namespace imednet::integrations {
namespace {

using pipeline::Differences;
using sinks::sql::Catalog;
using sinks::sql::IdSpan;
using sinks::sql::SqlPlace;
using sinks::sql::Statements;
using sinks::sql::TableReader;
using sinks::sql::TableWork;

// The ids behind the file before up to a file's last one; the last file's are also all that follow.
std::vector<IdSpan> shares_of(const sinks::Files& files) {
  std::vector<IdSpan> shares(1);
  for (const staging::StagedFile* file : files) {
    if (file == files.back()) break;
    shares.back().to = file->last_record_id;
    shares.push_back({.from = file->last_record_id + 1});
  }
  return shares;
}

class TablesProof {
 public:
  TablesProof(const ImednetSDK& sdk, std::string_view study, SqlPlace place, const std::string& table, const TableLoad& load,
              const VerifyOptions& options)
      : source_(sdk, study, std::move(place), table, load),
        place_(source_.place()),
        statements_(*place_.dialect, source_.table(), table::records_layout()),
        load_(load),
        options_(options) {}

  void run(VerifyReport& report) {
    source_.read([this] { attempt([this] { look(); }); });
    const std::vector<TableWork> works = source_.works();
    attempt([&] {
      report.studies.clear();
      report.warnings.clear();
      compare(works, report);
    });
  }

 private:
  void attempt(const std::function<void()>& work) const {
    core::with_retries({.max_retries = load_.max_retries, .backoff = load_.retry_backoff},
                       {.clock = core::system_clock(), .stop = load_.stop}, [&](const core::Attempt&) { work(); });
  }

  // At least one of the tables has to be there: else another one is meant.
  void look() {
    bool is_any = false;
    if (place_.is_new()) {
      source_.tables().targets(Catalog(nullptr, statements_, *place_.dialect));
    } else {
      TableReader reader(place_, statements_, load_.stop);
      widths_ = sinks::sql::widths_of(reader.session(), statements_, *place_.dialect);
      for (const auto& [table, layout] : source_.tables().targets(Catalog(&reader.session(), statements_, *place_.dialect))) {
        std::vector<const table::Column*> missing;
        is_any =
            sinks::sql::require_columns(reader.session(), place_, Statements(*place_.dialect, table, *layout), widths_, missing) || is_any;
      }
      reader.close();
    }
    if (is_any) return;
    throw errors::ExportConfigurationError(
        fmt::format("cannot verify {}: there is no table {} of an export", place_.name, source_.table().text()),
        {.code = errors::ErrorCode::not_found,
         .hint = "name file, table and layout as the export did",
         .origin = {.system = std::string(place_.dialect->system)}});
  }

  void compare(const std::vector<TableWork>& works, VerifyReport& report) {
    TableReader reader(place_, statements_, load_.stop);
    const std::string run_id = sinks::sql::newest_run(reader.session(), statements_, source_.study());
    std::int64_t number = 0;
    for (const TableWork& work : works) {
      source_.steps().enter("comparing", number++, static_cast<std::int64_t>(works.size()));
      VerifiedStudy result{.study = source_.study(), .table = place_.name + "#" + work.table.text(), .run_id = run_id};
      compare_table(reader, work, result, report);
      report.studies.push_back(std::move(result));
    }
    reader.close();
  }

  void compare_table(TableReader& reader, const TableWork& work, VerifiedStudy& result, VerifyReport& report) const {
    const Statements statements(*place_.dialect, work.table, *work.layout);
    for (const staging::StagedFile* file : work.read.files) result.rows_expected += file->rows;
    result.files = static_cast<std::int64_t>(work.read.files.size());
    std::vector<const table::Column*> absent;
    sinks::FormRows found;
    Differences differences{.kept = options_.ids_kept};
    pipeline::FileRowHashes expected(pipeline::places_of(work.read.files), *work.layout);
    pipeline::IdComparer comparer([&] { return expected.next(); }, differences);
    if (sinks::sql::require_columns(reader.session(), place_, statements, widths_, absent)) {
      tell_absent(work, absent, report);
      found = sinks::sql::forms_of(reader.session(), statements, source_.study());
      for (const IdSpan& share : shares_of(work.read.files)) {
        reader.rows(statements, source_.study(), share, absent, [&](std::int64_t id, std::string_view stored, std::string_view computed) {
          comparer.take(id, [&] { return stored == expected.stored() && computed == expected.stored(); });
        });
      }
    } else {
      result.faults.push_back(fmt::format("there is no table {}", work.table.text()));
    }
    comparer.finish();
    result.rows_found = result.rows_compared = comparer.compared();
    result.forms = pipeline::verified_forms(work.read.forms, found);
    differences.tell(result);
  }

  static void tell_absent(const TableWork& work, const std::vector<const table::Column*>& absent, VerifyReport& report) {
    if (absent.empty()) return;
    std::vector<std::string_view> names;
    names.reserve(absent.size());
    for (const table::Column* column : absent) names.push_back(column->name);
    report.warnings.push_back(fmt::format("the table {} lacks columns that an export would add: {}; rows with answers there are stale",
                                          work.table.text(), fmt::join(names, ", ")));
  }

  pipeline::TableStudy source_;
  const SqlPlace& place_;
  Statements statements_;  // of the table that was named
  const TableLoad& load_;
  const VerifyOptions& options_;
  sinks::sql::Widths widths_;
};

VerifyReport verify_tables(const ImednetSDK& sdk, std::string_view study, SqlPlace place, const std::string& table, const TableLoad& load,
                           const VerifyOptions& options) {
  TablesProof proof(sdk, study, std::move(place), table, load, options);
  return pipeline::timed({.against = "api"}, [&](VerifyReport& report) { proof.run(report); });
}

}  // namespace

VerifyReport verify_duckdb(const ImednetSDK& sdk, std::string_view study_key, const DuckDbConfig& config, const VerifyOptions& options) {
  return verify_tables(sdk, study_key, sinks::sql::place_of_duckdb(config.path, config.driver), config.table, config.load, options);
}

VerifyReport verify_sql(const ImednetSDK& sdk, std::string_view study_key, const SqlConfig& config, const VerifyOptions& options) {
  return verify_tables(sdk, study_key, sinks::sql::place_of_address(config.uri, config.driver), config.table, config.load, options);
}

}  // namespace imednet::integrations
