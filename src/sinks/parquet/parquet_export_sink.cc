// parquet_export_sink.cc: the public sink over ParquetFolder: batches wait beside the folder until close() shows all of them.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <set>
#include <system_error>

#include "core/file.h"
#include "core/retry.h"
#include "imednet/integrations/parquet.h"
#include "sinks/batch_target.h"
#include "sinks/parquet/parquet_folder.h"
#include "staging/batch_names.h"
#include "table/records_layout.h"

namespace imednet::integrations {
namespace {

namespace fs = std::filesystem;
using errors::ErrorCode;
using errors::ExportError;

class FolderTarget final : public BatchTarget {
 public:
  explicit FolderTarget(ParquetConfig config)
      : config_(std::move(config)), folder_(config_.directory), incoming_(folder_.beside() / "incoming") {}

  const fs::path& staging() const override {
    if (config_.stop.stop_requested()) core::throw_cancelled();
    return incoming_;
  }

  RowCount load(const std::string& study, const staging::StagedFile& file) override {
    if (!files_.empty() && study != study_) {
      throw ExportError(
          "it is of another study than the folder",
          {.code = ErrorCode::invalid_argument, .hint = "give each study a folder and a sink of its own", .origin = {.system = "local"}});
    }
    missed_.erase(file.batch_id);
    std::set<std::string>& contents = contents_[file.batch_id];
    if (contents.contains(file.content_hash)) return 0;
    take(study, file, contents.size() + 1);
    contents.insert(file.content_hash);
    return file.rows;
  }

  void missed(std::string_view batch_id) override { missed_.emplace(batch_id); }

  void flush() override {
    if (const int error = core::sync_folder(folder_.staging())) fail(folder_.staging(), std::error_code(error, std::generic_category()));
  }

  void close() override {
    if (config_.stop.stop_requested()) core::throw_cancelled();
    if (!missed_.empty()) {
      throw ExportError(fmt::format("cannot replace {}: the batch {} failed and was not written since; the folder is as it was",
                                    folder_.target().string(), *missed_.begin()),
                        {.code = ErrorCode::counts_differ, .hint = "write the batch again before close()", .origin = {.system = "local"}});
    }
    if (files_.empty()) return;
    if (config_.on_progress) config_.on_progress({.step = "publishing", .files = static_cast<std::int64_t>(files_.size())});
    std::ranges::stable_sort(files_, {}, &staging::StagedFile::first_record_id);
    folder_.publish({.study = study_, .layout = &table::records_layout(), .parts = {{.files = &files_}}});
  }

 private:
  [[noreturn]] static void fail(const fs::path& path, const std::error_code& error) {
    throw ExportError(fmt::format("cannot keep {}: {}", path.string(), error.message()),
                      {.code = core::code_of_errno(error.value()), .origin = {.system = "local"}});
  }

  // From where the next file of that name would replace it. `number`: how many of this id there are with it.
  void take(const std::string& study, const staging::StagedFile& file, std::size_t number) {
    staging::StagedFile taken = file;
    if (number > 1) taken.file_name = fmt::format("{}-{}.parquet", staging::file_stem(file.batch_id), number);
    taken.path = folder_.staging() / taken.file_name;
    std::error_code error;
    fs::rename(file.path, taken.path, error);
    if (error) fail(taken.path, error);
    study_ = study;
    files_.push_back(std::move(taken));
  }

  ParquetConfig config_;
  sinks::parquet::ParquetFolder folder_;
  fs::path incoming_;
  std::string study_;
  std::vector<staging::StagedFile> files_;
  std::map<std::string, std::set<std::string>, std::less<>> contents_;  // batch id -> hashes of rows
  std::set<std::string, std::less<>> missed_;                           // batch ids
};

std::unique_ptr<BatchTarget> target_of(ParquetConfig config) {
  require_batches(config.layout, "export_to_parquet");
  return std::make_unique<FolderTarget>(std::move(config));
}

}  // namespace

ParquetExportSink::ParquetExportSink(ParquetConfig config) : StagedSink(target_of(std::move(config))) {}

}  // namespace imednet::integrations
