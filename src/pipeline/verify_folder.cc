// verify_folder.cc: a folder of Parquet files against its manifest, and against what the API holds now.
#include <fmt/format.h>

#include <optional>
#include <set>

#include "core/temporary_directory.h"
#include "imednet/integrations/verify.h"
#include "pipeline/file_row_hashes.h"
#include "pipeline/form_study.h"
#include "pipeline/id_comparer.h"
#include "pipeline/run_steps.h"
#include "pipeline/verify_report.h"
#include "pipeline/write_mode.h"
#include "sinks/parquet/folder_files.h"
#include "sinks/parquet/hive_path.h"

namespace imednet::integrations {
namespace {

namespace fs = std::filesystem;
using sinks::FormRows;
using sinks::parquet::FolderManifest;
using sinks::parquet::hive_part;
using sinks::parquet::ListedFile;

[[noreturn]] void refuse(const fs::path& folder, const std::string& cause, std::string hint) {
  throw errors::ExportConfigurationError(fmt::format("cannot verify {}: {}", folder.string(), cause),
                                         {.code = errors::ErrorCode::config, .hint = std::move(hint), .origin = {.system = "local"}});
}

FolderManifest manifest_of(const fs::path& folder) {
  FolderManifest manifest = sinks::parquet::read_manifest(folder);
  if (manifest.text.empty()) refuse(folder, "it has no _manifest.json", "name the folder that imednet export parquet made");
  return manifest;
}

// The folder as a whole: bytes only.
VerifiedStudy check_files(const std::string& study, const fs::path& folder, const FolderManifest& manifest) {
  VerifiedStudy result{.study = study, .table = folder.string(), .run_id = {}};
  if (!manifest.is_whole) {
    result.faults.push_back(fmt::format("{} is not one that an export wrote", (folder / sinks::parquet::kManifestName).string()));
    return result;
  }
  if (manifest.study != study) result.faults.push_back(fmt::format("the folder holds the study {}", manifest.study));
  for (const ListedFile& file : manifest.files) {
    ++result.files;
    const std::int64_t records = file.dimension ? 0 : file.rows;
    result.rows_expected += records;
    if (std::string fault = sinks::parquet::fault_of(folder, file); !fault.empty()) {
      result.faults.push_back(std::move(fault));
    } else {
      result.rows_found += records;
    }
  }
  for (const std::string& name : sinks::parquet::strangers(folder, manifest.files))
    result.faults.push_back(fmt::format("{} is in the folder and not in its manifest", name));
  return result;
}

// Rows of one layout: what should be there, and the folder's files of it.
struct Part {
  fs::path folder;
  const table::Layout* layout = nullptr;
  const std::vector<staging::StagedFile>* expected = nullptr;
  FormRows forms{};
  std::vector<fs::path> found{};
};

class FolderProof {
 public:
  FolderProof(const ImednetSDK& sdk, std::string_view study, const ParquetConfig& config, const VerifyOptions& options)
      : sdk_(sdk),
        study_(pipeline::required_study(study)),
        config_(config),
        options_(options),
        temporary_(core::temporary_root(), "imednet-export"),
        steps_(config.on_progress, core::system_clock()) {}

  void run(VerifyReport& report) {
    const FolderManifest manifest = manifest_of(config_.directory);
    steps_.enter("verifying", 0, 0);
    VerifiedStudy whole = check_files(study_, config_.directory, manifest);
    if (!whole.faults.empty()) {
      report.studies.push_back(std::move(whole));
      return;  // nobody knows what such files hold
    }
    require_layout(manifest);
    read();
    for (const Part& part : parts_of(manifest, report)) compare(part, report);
    if (manifest_of(config_.directory).text != manifest.text) {
      throw errors::ExportError(fmt::format("cannot verify {}: an export replaced it meanwhile", config_.directory.string()),
                                {.code = errors::ErrorCode::conflict, .hint = "run again", .origin = {.system = "local"}});
    }
  }

 private:
  bool has_forms() const { return config_.layout.name == LayoutName::forms; }

  void require_layout(const FolderManifest& manifest) const {
    const bool is_records = manifest.layout == table::records_layout().name;
    if (is_records == has_forms())
      refuse(config_.directory, fmt::format("its layout is {}", is_records ? "records" : "forms"), "give the --layout of the export");
  }

  void read() {
    if (has_forms()) forms_.emplace(sdk_, study_, config_.layout);
    const auto here = [this](const std::string&) { return temporary_.path(); };
    pipeline::read_study({.directory = temporary_.path(),
                          .batch_size = static_cast<std::int64_t>(config_.batch_size),
                          .connections = config_.connections,
                          .stop = config_.stop,
                          .on_progress = [this](std::string_view step, const api::ReadProof& so_far) { steps_.enter(step, so_far); },
                          .beat = [] {}},
                         sdk_, study_, staged_, [&] {
                           if (!forms_) return;
                           steps_.enter("typing", staged_.proof);
                           forms_->stage(staged_, static_cast<std::int64_t>(config_.batch_size),
                                         {.waiting = temporary_.path(), .of_form = here, .of_dimension = here}, config_.stop);
                           forms_->require_same_blinding();
                         });
  }

  // What the API's rows come to, each with the folder's files of it; files of other forms are faults.
  std::vector<Part> parts_of(const FolderManifest& manifest, VerifyReport& report) const {
    std::vector<Part> parts;
    std::set<const ListedFile*> others;
    for (const ListedFile& file : manifest.files) others.insert(&file);
    const auto add = [&](Part part, const std::function<bool(const ListedFile&)>& is_of) {
      for (const ListedFile& file : manifest.files) {
        if (!is_of(file)) continue;
        part.found.push_back(config_.directory / file.name);
        others.erase(&file);
      }
      parts.push_back(std::move(part));
    };
    if (!forms_) {
      add({config_.directory, &table::records_layout(), &staged_.files, staged_.forms}, [](const ListedFile&) { return true; });
      return parts;
    }
    const std::string study = hive_part("study_key", study_);
    for (const pipeline::FormFiles& form : forms_->forms()) {
      const std::string& key = form.form->form_key();
      add({config_.directory / study / hive_part("form_key", key), &form.form->layout(), &form.files, form.rows},
          [&](const ListedFile& file) { return file.form_key == key; });
    }
    for (const pipeline::DimensionFile& dimension : forms_->dimensions()) {
      add({config_.directory / "_dimensions" / dimension.name / study, dimension.layout, &dimension.files},
          [&](const ListedFile& file) { return file.dimension == dimension.name; });
    }
    for (const ListedFile* file : others) report.faults.push_back(fmt::format("{} is of none of the forms that were chosen", file->name));
    return parts;
  }

  void compare(const Part& part, VerifyReport& report) {
    steps_.enter("comparing", static_cast<std::int64_t>(report.studies.size()), 0);
    VerifiedStudy result{
        .study = study_, .table = part.folder.string(), .run_id = {}, .files = static_cast<std::int64_t>(part.found.size())};
    try {
      compare_rows(part, result);
    } catch (const errors::ExportError& error) {
      if (error.code() != errors::ErrorCode::corrupt) throw;
      result.faults.emplace_back(error.what());  // other columns than the metadata make now
    }
    report.studies.push_back(std::move(result));
  }

  void compare_rows(const Part& part, VerifiedStudy& result) const {
    std::vector<fs::path> places;
    for (const staging::StagedFile& file : *part.expected) {
      places.push_back(file.path);
      result.rows_expected += file.rows;
    }
    pipeline::Differences differences{.kept = options_.ids_kept};
    pipeline::FileRowHashes expected(std::move(places), *part.layout), found(part.found, *part.layout);
    pipeline::IdComparer comparer([&] { return expected.next(); }, differences);
    FormRows forms;
    while (const auto id = found.next()) {
      if (config_.stop.stop_requested()) throw ImednetError("cannot go on: the run was stopped", {.code = errors::ErrorCode::cancelled});
      if (table::holds_records(*part.layout)) ++forms[std::string(found.form_key())];
      comparer.take(*id, [&] { return found.stored() == expected.stored() && found.computed() == expected.stored(); });
    }
    comparer.finish();
    result.rows_found = result.rows_compared = comparer.compared();
    result.forms = pipeline::verified_forms(part.forms, forms);
    differences.tell(result);
  }

  const ImednetSDK& sdk_;
  std::string study_;
  const ParquetConfig& config_;
  const VerifyOptions& options_;
  core::TemporaryDirectory temporary_;
  pipeline::RunSteps steps_;
  std::optional<pipeline::FormStudy> forms_;
  pipeline::StagedStudy staged_;
};

}  // namespace

VerifyReport verify_parquet_files(std::string_view study_key, const fs::path& directory) {
  return pipeline::timed({.against = "files"}, [&](VerifyReport& report) {
    report.studies.push_back(check_files(pipeline::required_study(study_key), directory, manifest_of(directory)));
  });
}

VerifyReport verify_parquet(const ImednetSDK& sdk, std::string_view study_key, const ParquetConfig& config, const VerifyOptions& options) {
  FolderProof proof(sdk, study_key, config, options);
  return pipeline::timed({.against = "api"}, [&](VerifyReport& report) { proof.run(report); });
}

}  // namespace imednet::integrations
