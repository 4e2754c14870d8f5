// parquet.h: a study as Parquet files in a folder, without a destination.
//
// Where it stands: sdk.records() → the same staged files as an export to a warehouse → a folder that shows all of them or none.
// Shape:   one file a batch, rows in record_id order, and _manifest.json, which names every file with its rows and hashes
//          (docs/export-parquet.md). Layout `records`: the files stand in the folder. Layout `forms`: study_key=<study>/form_key=<form>/
//          holds each form's files, _dimensions/<name>/study_key=<study>/ those of what the records refer to.
// Promise: the folder is replaced as a whole: whoever opens it sees the last complete run. Records read, records the API says it holds and
//          rows in the files agree, or nothing is replaced.
// Errors:  ExportConfigurationError: the folder holds what is not ours, or can't be made. ApiError as reading. ImednetError: io, no_space,
//          counts_differ.
// Source:  ADR 0030.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string_view>

#include "imednet/integrations/layout.h"
#include "imednet/integrations/warehouse.h"

namespace imednet::integrations {

// Settings of an export into a folder.
struct ParquetConfig {
  std::filesystem::path directory{};                         // required; made when missing, its parent must exist
  std::size_t batch_size = 50'000;                           // rows a file
  int connections = 0;                                       // as SnowflakeSinkConfig::connections
  LayoutChoice layout{};                                     // records, or a typed folder a form
  std::optional<std::filesystem::path> report_path{};        // a page (HTML) for people that says what the run did; replaced
  std::stop_token stop{};                                    // ends the export: cancelled, the folder is as it was
  std::function<void(const ExportProgress&)> on_progress{};  // called on the exporting thread
};

// Batches as files of a folder that is replaced as a whole by close(). Each write_batch stages a file beside the folder; when it returns,
// and when flush() does, the file is complete, counted and on disk, and nobody sees it. close() puts all of them in place of what the
// folder held, in one step. Without close(), or without a batch, the folder stays as it was. The folder is of one study, that of the first
// batch (invalid_argument otherwise). close() refuses (ExportError, counts_differ) while a batch failed that was not written since: a
// folder never lacks a part of what it was given. `batch_size` and `connections` do not apply.
class ParquetExportSink final : public StagedSink {
 public:
  // Looks at the folder and writes nothing into it. Throws ExportConfigurationError as export_to_parquet.
  explicit ParquetExportSink(ParquetConfig config);
};

// Reads the whole study and puts it in place of what the folder held. The report's `table` is the folder, its `method` "files".
ExportReport export_to_parquet(const ImednetSDK& sdk, std::string_view study_key, const ParquetConfig& config);

}  // namespace imednet::integrations
