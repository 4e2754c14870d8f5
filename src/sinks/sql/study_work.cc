#include "sinks/sql/study_work.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sinks/sql/rows_proof.h"
#include "sinks/sql/table_state.h"
#include "sinks/sql/wire.h"

namespace imednet::sinks::sql {

using errors::ErrorCode;
using staging::StagedFile;

namespace {

constexpr std::size_t kIdsAStatement = 5'000;

}  // namespace

StudyWork::StudyWork(SqlSession& session, const Statements& statements, const SqlPlace& place, const LoaderSettings& settings,
                     const LoaderHooks& hooks, const std::string& run_id, const StudyRead& read, std::string when)
    : session_(session),
      statements_(statements),
      place_(place),
      settings_(settings),
      hooks_(hooks),
      run_id_(run_id),
      read_(read),
      when_(std::move(when)) {}

void StudyWork::fail(ErrorCode code, const std::string& message, std::string hint) const {
  throw errors::ExportError(message, {.code = code, .hint = std::move(hint), .origin = {.system = std::string(place_.dialect->system)}});
}

StudyState StudyWork::state() {
  const db::Answer answer = session_.run_rows(statements_.study_state(read_.study, run_id_), "count-study");
  return {.rows = answer.number(0, "row_count"),
          .live = answer.number(0, "live_rows"),
          .live_ids = answer.number(0, "live_ids"),
          .of_run = answer.number(0, "run_rows")};
}

FormRows StudyWork::forms() { return forms_of(session_, statements_, read_.study); }

LoadedFiles StudyWork::known_files() {
  LoadedFiles known;
  const db::Answer answer = session_.run(statements_.known_files(read_.study), "ledger-read");
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    known[answer.at(row, "file_path").value_or("")] = {.batch_id = answer.at(row, "batch_id").value_or(""),
                                                       .hash = answer.at(row, "hash").value_or(""),
                                                       .sha256 = answer.at(row, "sha256").value_or(""),
                                                       .rows = answer.number(row, "row_count"),
                                                       .first_record_id = answer.number(row, "first_record_id"),
                                                       .last_record_id = answer.number(row, "last_record_id")};
  }
  return known;
}

LoadPlan StudyWork::plan(bool is_new) {
  if (is_new) session_.run(statements_.supersede(read_.study, run_id_), "ledger-supersede");
  return look(true);
}

LoadPlan StudyWork::look(bool has_ledger) {
  LoadPlan plan = compare(read_, has_ledger ? known_files() : LoadedFiles(), path_of);
  plan.there = state();
  if (plan.there.live > 0) plan.forms = forms();
  return plan;
}

LoadMethod method_of(const LoadPlan& plan, const Statements& statements, const LoaderSettings& settings, const StudyRead& read,
                     const Dialect& dialect) {
  if (!table::holds_records(statements.layout())) {  // a dimension is small, and nobody's rows are proved gone: it is as the API shows it
    const bool is_settled =
        plan.pending.empty() && plan.others.empty() && plan.there.live == plan.rows_in && plan.there.rows == plan.rows_in;
    return is_settled && settings.idempotent ? LoadMethod::nothing : LoadMethod::replace;
  }
  const std::string_view system = dialect.system;
  const LoadMethod method =
      choose(plan, {.mode = settings.mode, .idempotent = settings.idempotent, .system = system}, read.study, statements.target().text());
  if (method != LoadMethod::append || !settings.idempotent || settings.allow_duplicates) return method;
  const std::int64_t others = plan.there.rows - plan.rows_in;
  if (!plan.pending.empty() && (others > 0 || !plan.others.empty())) {
    throw errors::ExportError(
        fmt::format("cannot load study {} into {}: it holds {} rows of the study that are not in this export's files, and {} files are new",
                    read.study, statements.target().text(), others, plan.pending.size()),
        {.code = ErrorCode::duplicates,
         .hint = "use --mode merge, or --allow-duplicates when rows may stand twice; nothing was written",
         .origin = {.system = std::string(system)}});
  }
  return method;
}

void StudyWork::adopt(LoadPlan& plan) {
  Files adopted;
  for (const StagedFile* file : plan.pending) {
    const std::string path = path_of(*file);
    if (session_.run_rows(statements_.written_rows(read_.study, "", path), "adopt-count").number(0, "row_count") != file->rows) continue;
    prove({.file = file}, "", path);
    remember(*file);
    adopted.push_back(file);
  }
  take_as_in(plan, adopted);
}

LoadMethod StudyWork::literal_method(LoadPlan& plan) {
  if (!settings_.idempotent) return LoadMethod::append;
  if (plan.there.live > plan.rows_in) adopt(plan);
  return plan.pending.empty() ? LoadMethod::nothing : LoadMethod::append;
}

void StudyWork::begin_files() {
  session_.run(statements_.create_staged(), "staged-create");
  if (place_.dialect->engine == Engine::sqlite) session_.run(statements_.index_staged(), "staged-index");
  session_.run(statements_.create_kept(), "kept-create");
}

// Rows behind the last file before it that is in, up to the next one that is in, belong to the file at hand.
std::vector<StudyWork::Step> StudyWork::steps(const LoadPlan& plan, LoadMethod method) const {
  const bool is_all = method == LoadMethod::replace || !settings_.idempotent;
  const std::set<const StagedFile*> pending(plan.pending.begin(), plan.pending.end());
  std::vector<Step> steps;
  const StagedFile* before = nullptr;
  for (const StagedFile* file : read_.files) {
    if (is_all || pending.contains(file)) {
      Step step{.file = file, .number = static_cast<std::int64_t>(steps.size()), .around = {.to = file->last_record_id}};
      if (before != nullptr) step.around.from = before->last_record_id + 1;
      steps.push_back(step);
    } else if (!steps.empty() && steps.back().file == before) {
      steps.back().around.to = file->first_record_id - 1;
    }
    before = file;
  }
  if (!steps.empty() && steps.back().file == before) steps.back().around.to.reset();
  for (Step& step : steps) step.files = static_cast<std::int64_t>(steps.size());
  return steps;
}

void StudyWork::hand_over(const StagedFile& file) {
  session_.run(statements_.clear_staged(), "staged-clear");
  session_.run(statements_.clear_kept(), "kept-clear");
  session_.ingest(Statements::staged_name(), wire_rows(file.path, statements_.layout(), *place_.dialect, escaped_), "ingest");
  const db::Answer facts = session_.run_rows(statements_.staged_facts(), "staged-count");
  bool agrees = facts.number(0, "row_count") == file.rows;
  if (file.rows > 0)
    agrees = agrees && facts.number(0, "first_id") == file.first_record_id && facts.number(0, "last_id") == file.last_record_id;
  for (std::size_t i = 0; i < file.non_null.size(); ++i) {
    agrees = agrees && facts.number(0, fmt::format("n_{}", i)) == file.non_null[i].second;
  }
  if (!agrees) {
    fail(ErrorCode::counts_differ,
         fmt::format("cannot trust the batch {}: {} took {} of its {} rows, or other values than its footer counts", file.batch_id,
                     place_.dialect->title, facts.number(0, "row_count"), file.rows));
  }
}

void StudyWork::write(const Step& step, LoadMethod method, LoadResult& result) {
  const StagedFile& file = *step.file;
  std::int64_t met = 0, kept = 0;
  if (method == LoadMethod::merge) {
    met = session_.run_rows(statements_.met_rows(read_.study, step.own()), "met-count").number(0, "row_count");
    session_.run_rows(statements_.keep_equal(read_.study, step.own()), "keep-equal");
    kept = session_.run_rows(statements_.kept_rows(), "kept-count").number(0, "row_count");
    if (met > kept) session_.run_rows(statements_.delete_changed(read_.study, step.own()), "delete-changed");
  }
  session_.run_rows(statements_.insert_staged(path_of(file), run_id_, when_), "insert");
  const std::int64_t written =
      session_.run_rows(statements_.written_rows(read_.study, run_id_, path_of(file)), "written-count").number(0, "row_count");
  if (written != file.rows - kept) {
    fail(ErrorCode::counts_differ, fmt::format("cannot trust the batch {}: {} of its {} rows stand there unchanged and {} were written",
                                               file.batch_id, kept, file.rows, written));
  }
  result.unchanged += kept;
  result.updated += met - kept;
  result.inserted += written - (met - kept);
}

// `run_id`, `file`: only rows of these; empty: of any.
void StudyWork::prove(const Step& step, std::string_view run_id, std::string_view file) {
  RowsProof proof(*step.file, statements_.layout(), *place_.dialect);
  session_.read_rows(statements_.rows_between(read_.study, step.own(), run_id, file), "read-back",
                     [&](const arrow::RecordBatch& rows) { proof.take(rows); });
  proof.finish();
}

void StudyWork::find_vanished(const IdSpan& ids, bool any) {
  const db::Answer answer = session_.run_rows(statements_.vanished(read_.study, ids, any), "find-vanished");
  for (std::size_t row = 0; row < answer.rows.size(); ++row) gone_.push_back(answer.number(row, "record_id"));
}

// Where the first or the last file was in already, nothing above looked beyond it; nor where there is no file at all.
void StudyWork::find_vanished_at_the_ends(const LoadPlan& plan) {
  const std::set<const StagedFile*> in(plan.in.begin(), plan.in.end());
  std::vector<IdSpan> ends;
  if (read_.files.empty()) ends.emplace_back();
  if (!read_.files.empty() && in.contains(read_.files.front())) ends.push_back({.to = read_.files.front()->first_record_id - 1});
  if (!read_.files.empty() && in.contains(read_.files.back())) ends.push_back({.from = read_.files.back()->last_record_id + 1});
  for (const IdSpan& ids : ends) find_vanished(ids, true);
}

void StudyWork::mark_vanished(const ConfirmGone& confirm_gone, LoadResult& result) {
  if (gone_.empty()) return;
  std::ranges::sort(gone_);
  confirm_gone(gone_);
  const std::span<const std::int64_t> all(gone_);
  for (std::size_t start = 0; start < all.size(); start += kIdsAStatement) {
    session_.run_rows(statements_.mark_deleted(read_.study, all.subspan(start, std::min(kIdsAStatement, all.size() - start)), when_),
                      "mark-deleted");
  }
  result.vanished = static_cast<std::int64_t>(all.size());
}

void StudyWork::load_file(const Step& step, LoadMethod method, LoadResult& result) {
  if (hooks_.on_step) hooks_.on_step("loading", step.number, step.files);
  hand_over(*step.file);
  write(step, method, result);
  if (method == LoadMethod::merge) find_vanished(step.around, false);
}

void StudyWork::require_mirror(const LoadPlan& plan, const LoadResult& result) {
  if (result.method == LoadMethod::append) return;
  const StudyState after = state();
  const std::int64_t expected = plan.rows_in + plan.rows_pending;
  if (after.live == expected && after.live_ids == expected) return;
  fail(ErrorCode::counts_differ,
       fmt::format("cannot export study {}: {} would hold {} live rows of {} records, and the files hold {}", read_.study,
                   statements_.target().text(), after.live, after.live_ids, expected),
       "use --force-reload to replace the study's rows");
}

void StudyWork::remember(const StagedFile& file) {
  session_.run(statements_.insert_load({.study = read_.study,
                                        .batch_id = file.batch_id,
                                        .hash = file.content_hash,
                                        .file_path = path_of(file),
                                        .sha256 = file.sha256,
                                        .run_id = run_id_,
                                        .loaded_at = when_,
                                        .rows = file.rows,
                                        .first_record_id = file.first_record_id,
                                        .last_record_id = file.last_record_id}),
               "ledger-insert");
}

void StudyWork::remember(const LoadPlan& plan, LoadMethod method, const std::vector<Step>& files) {
  if (method == LoadMethod::replace) session_.run(statements_.supersede(read_.study, run_id_), "ledger-supersede");
  if (method == LoadMethod::merge) {
    for (const std::string& path : plan.others) session_.run(statements_.supersede_file(read_.study, path, run_id_), "ledger-supersede");
  }
  for (const Step& step : files) remember(*step.file);
}

std::vector<FileOutcome> StudyWork::outcomes(const LoadPlan& plan, const std::vector<Step>& files, LoadMethod method) const {
  std::set<const StagedFile*> loaded;
  for (const Step& step : files) loaded.insert(step.file);
  const FileStatus status = method == LoadMethod::merge ? FileStatus::merged : FileStatus::loaded;
  std::vector<FileOutcome> outcomes;
  for (const StagedFile* file : read_.files) {
    const bool is_loaded = loaded.contains(file);
    const FileStatus found = plan.adopted.contains(file) ? FileStatus::adopted : FileStatus::skipped;
    outcomes.push_back({file, is_loaded ? status : found, is_loaded ? file->rows : 0});
  }
  return outcomes;
}

LoadResult StudyWork::apply(const LoadPlan& plan, LoadMethod method, const ConfirmGone& confirm_gone) {
  const std::vector<Step> files = method == LoadMethod::nothing ? std::vector<Step>() : steps(plan, method);
  LoadResult result{.method = method, .outcomes = outcomes(plan, files, method), .before = plan.forms};
  if (method == LoadMethod::nothing) return result;
  if (method == LoadMethod::append && !settings_.idempotent && hooks_.on_warning) {
    hooks_.on_warning("every file is loaded again; rows of the study may stand twice");
  }
  begin_files();
  if (method == LoadMethod::replace) session_.run_rows(statements_.delete_study(read_.study), "delete-study");
  for (const Step& step : files) load_file(step, method, result);
  if (method == LoadMethod::merge) {
    find_vanished_at_the_ends(plan);
    mark_vanished(confirm_gone, result);
  }
  if (hooks_.on_step) hooks_.on_step("verifying", 0, 0);
  const bool is_append = method == LoadMethod::append;  // whatever else stands there may stand there twice
  for (const Step& step : files) prove(step, is_append ? run_id_ : "", is_append ? path_of(*step.file) : "");
  require_mirror(plan, result);
  remember(plan, method, files);
  session_.run(statements_.drop_staged(), "staged-drop");
  session_.run(statements_.drop_kept(), "kept-drop");
  if (escaped_ > 0 && hooks_.on_warning) {
    hooks_.on_warning(fmt::format(
        "{} texts hold U+0000, which {} does not take, or look as if they did: they stand there with \\u0000 and each backslash twice",
        escaped_, place_.dialect->title));
  }
  return result;
}

}  // namespace imednet::sinks::sql
