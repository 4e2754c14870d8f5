// verify_snowflake.cc: tables against what was loaded, or against what the API holds now.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "pipeline/form_study.h"
#include "pipeline/snowflake_proof.h"
#include "pipeline/typed_table.h"
#include "pipeline/verify_report.h"
#include "sinks/snowflake/stage_path.h"
#include "staging/batch_names.h"

namespace imednet::integrations {
namespace {

using ledger::StudyPlan;
using pipeline::Plans;
using pipeline::ProofFiles;
using pipeline::SnowflakeProof;
using sinks::snowflake::ExportRun;

void prove_loaded(SnowflakeProof& proof, const SnowflakeSinkConfig& config, const StudyPlan& plan) {
  if (!plan.layers.front().since.empty()) {
    proof.report_fault(plan, fmt::format("the manifest knows of no whole reading of {}: only of what changed since {}", plan.study,
                                         plan.layers.front().since));
    return;
  }
  ProofFiles files(proof.run_for(plan), config.local_staging_dir);
  proof.prove(plan, plan, files);
}

// The same rows then make the same files.
std::int64_t rows_a_file(const Plans& plans, std::int64_t otherwise) {
  std::int64_t rows = 0;
  for (const StudyPlan* plan : plans) {
    if (plan->typed && !plan->typed->holds_records()) continue;
    for (const ledger::PlanLayer& layer : plan->layers) {
      for (const ledger::PlannedFile& file : layer.files) rows = std::max(rows, file.rows);
    }
  }
  return rows > 0 ? rows : otherwise;
}

// What the API holds, as if it had just been exported.
StudyPlan plan_of(const std::vector<staging::StagedFile>& staged, const StudyPlan& before, ProofFiles& files) {
  StudyPlan plan{before.study, before.table, {{before.layers.back().run_id, "", 0, {}}}, before.typed};
  for (const staging::StagedFile& file : staged) {
    if (file.rows == 0 && plan.typed) continue;
    plan.layers.front().files.push_back(
        {file.batch_id, "", file.content_hash, file.sha256, file.rows, file.bytes, file.first_record_id, file.last_record_id});
    files.add(file.batch_id, file.path);
  }
  return plan;
}

// What the API holds, made into the rows of a group of tables: of one study, with one choice.
class ApiProof {
 public:
  ApiProof(const ImednetSDK& sdk, SnowflakeProof& proof, const Plans& all) : sdk_(sdk), proof_(proof), all_(all) {}

  void prove(const Plans& group) {
    const StudyPlan& first = *group.front();
    ExportRun& run = proof_.run_for(first);
    pipeline::ReadingHost host = pipeline::host_of(run);
    host.batch_size = rows_a_file(group, host.batch_size);
    if (first.typed) return prove_typed(run, std::move(host), group);
    pipeline::StagedStudy staged;
    pipeline::read_study(host, sdk_, first.study, staged, [] {});
    compare(run, first, staged.files);
  }

 private:
  using Files = std::vector<staging::StagedFile>;

  void compare(ExportRun& run, const StudyPlan& plan, const Files& staged) {
    ProofFiles files(run, std::nullopt);
    const StudyPlan now = plan_of(staged, plan, files);
    proof_.prove(plan, now, files);
  }

  void prove_typed(ExportRun& run, pipeline::ReadingHost host, const Plans& group) {
    const StudyPlan& first = *group.front();
    pipeline::FormStudy forms(sdk_, first.study, first.typed->choice, pipeline::kSnowflakeNames);
    host.directory = run.temporary() / "records";
    const auto folder = [&run](const std::string&) { return run.staging_directory(); };
    const pipeline::FormFolders folders{.waiting = run.temporary(),
                                        .of_form = folder,
                                        .of_dimension = folder,
                                        .table_of = pipeline::table_names(sinks::snowflake::parse_table_text(first.typed->base))};
    pipeline::StagedStudy staged;
    pipeline::read_study(host, sdk_, first.study, staged, [&] {
      run.report_step("typing", 0, 0);
      forms.stage(staged, host.batch_size, folders, run.config().stop);
      forms.require_same_blinding();
    });
    std::map<std::string, const Files*> by_series;
    for (const pipeline::FormFiles& form : forms.forms())
      by_series[table::folded(staging::form_series(form.form->form_key(), 1))] = &form.files;
    for (const pipeline::DimensionFile& dimension : forms.dimensions())
      by_series[table::folded(pipeline::series_of_dimension(dimension.name))] = &dimension.files;
    for (const StudyPlan* plan : group) {
      const auto now = by_series.find(table::folded(plan->typed->series));
      compare(run, *plan, now == by_series.end() ? Files() : *now->second);
    }
    tell_new(first, by_series);
  }

  // Records of a form that no run loaded have no table yet.
  void tell_new(const StudyPlan& first, const std::map<std::string, const Files*>& by_series) {
    for (const auto& [name, files] : by_series) {
      const std::string& series = name;
      std::int64_t rows = 0;
      for (const staging::StagedFile& file : *files) rows += file.rows;
      const bool is_known = std::ranges::any_of(all_, [&](const StudyPlan* plan) {
        return plan->typed && plan->study == first.study && plan->typed->base == first.typed->base &&
               table::folded(plan->typed->series) == series;
      });
      if (rows > 0 && !is_known)
        proof_.report_fault(first, fmt::format("iMednet holds {} rows for {}, and no run loaded any", rows, series));
    }
  }

  const ImednetSDK& sdk_;
  SnowflakeProof& proof_;
  const Plans& all_;
};

bool is_one_reading(const StudyPlan& one, const StudyPlan& other) {
  if (!one.typed || !other.typed || one.study != other.study || one.typed->base != other.typed->base) return false;
  const LayoutChoice &a = one.typed->choice, &b = other.typed->choice;
  return std::tie(a.forms, a.variables, a.sites, a.include_blinded) == std::tie(b.forms, b.variables, b.sites, b.include_blinded);
}

std::vector<Plans> groups_of(const Plans& plans) {
  std::vector<Plans> groups;
  for (const StudyPlan* plan : plans) {
    const auto group = std::ranges::find_if(groups, [&](const Plans& one) { return is_one_reading(*one.front(), *plan); });
    (group == groups.end() ? groups.emplace_back() : *group).push_back(plan);
  }
  return groups;
}

}  // namespace

VerifyReport verify_snowflake(const std::filesystem::path& manifest, const SnowflakeSinkConfig& config, const VerifyOptions& options) {
  const auto compare = [&](const Plans& plans, const ledger::ChainCheck& check, VerifyReport& report) {
    SnowflakeProof proof(config, options, check, report);
    for (const StudyPlan* plan : plans) prove_loaded(proof, config, *plan);
    proof.close();
  };
  return pipeline::verify_plans(manifest, "snowflake", options, compare);
}

VerifyReport verify_api(const ImednetSDK& sdk, const std::filesystem::path& manifest, const SnowflakeSinkConfig& config,
                        const VerifyOptions& options) {
  const auto compare = [&](const Plans& plans, const ledger::ChainCheck& check, VerifyReport& report) {
    SnowflakeProof proof(config, options, check, report);
    ApiProof api(sdk, proof, plans);
    for (const Plans& group : groups_of(plans)) api.prove(group);
    proof.close();
  };
  return pipeline::verify_plans(manifest, "api", options, compare);
}

}  // namespace imednet::integrations
