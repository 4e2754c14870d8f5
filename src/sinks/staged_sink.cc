// staged_sink.cc: the frame of every sink: stage one batch, load one batch, name the batch in what goes wrong.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/file.h"
#include "sinks/batch_target.h"
#include "staging/batch_input.h"

namespace imednet::integrations {

using errors::ErrorCode;
using errors::ExportBatchError;
using errors::ExportConfigurationError;

namespace {

[[noreturn]] void refuse_folder(const std::filesystem::path& folder, int error) {
  throw ExportConfigurationError(
      fmt::format("cannot keep staged files in {}: {}", folder.string(), std::strerror(error)),
      {.code = core::code_of_errno(error),
       .hint = "name a folder that can be written, or one to be made in a folder that exists (local_staging_dir, --local-staging-dir)",
       .origin = {.system = "local"}});
}

}  // namespace

std::filesystem::path kept_folder(std::filesystem::path folder) {
  if (!folder.has_filename()) folder = folder.parent_path();  // "staged/"
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) refuse_folder(folder, errno);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) refuse_folder(folder, ENOTDIR);
  if (access(folder.c_str(), W_OK | X_OK) != 0) refuse_folder(folder, errno);
  return folder;
}

void require_batches(const LayoutChoice& layout, std::string_view instead) {
  if (layout.name == LayoutName::records && !layout.views) return;
  const std::string_view what = layout.views ? "with typed views: they are" : "in the layout forms: it is";
  throw ExportConfigurationError(fmt::format("cannot write batches {} made of a whole study", what),
                                 {.code = ErrorCode::config, .hint = fmt::format("use {}", instead)});
}

StagedSink::StagedSink(std::unique_ptr<BatchTarget> target) : target_(std::move(target)) {}
StagedSink::StagedSink(StagedSink&&) noexcept = default;
StagedSink& StagedSink::operator=(StagedSink&&) noexcept = default;
StagedSink::~StagedSink() = default;

// Whatever goes wrong with a batch leaves as ExportBatchError that keeps the root cause's code and origin; but a wrong setting is not the
// batch's, and a stop was asked for.
template <class Rows>
RowCount StagedSink::write(const Rows& rows, std::string_view batch_id) {
  if (!target_) {
    throw ExportBatchError(fmt::format("cannot load the batch {}: the sink was closed", batch_id), std::string(batch_id),
                           {.code = ErrorCode::invalid_argument, .hint = "make a new sink"});
  }
  try {
    const auto batch = staging::stage_batch(target_->staging(), batch_id, rows);
    return batch ? target_->load(batch->study, batch->file) : 0;
  } catch (const ExportBatchError&) {
    target_->missed(batch_id);
    throw;
  } catch (const ExportConfigurationError&) {
    target_->missed(batch_id);
    throw;
  } catch (const ImednetError& error) {
    target_->missed(batch_id);
    if (error.code() == ErrorCode::cancelled) throw;
    throw ExportBatchError(fmt::format("cannot load the batch {}: {}", batch_id, error.what()), std::string(batch_id), error.detail());
  }
}

RowCount StagedSink::write_batch(std::span<const Record> batch, std::string_view batch_id) { return write(batch, batch_id); }

RowCount StagedSink::write_batch(const std::shared_ptr<arrow::RecordBatch>& batch, std::string_view batch_id) {
  return write(batch, batch_id);
}

RowCount StagedSink::write_batch(const std::shared_ptr<arrow::RecordBatchReader>& stream, std::string_view batch_id) {
  return write(stream, batch_id);
}

void StagedSink::flush() {
  if (target_) target_->flush();
}

void StagedSink::close() {
  if (const auto target = std::move(target_)) target->close();
}

}  // namespace imednet::integrations
