// report_page.h: what a run did, as one HTML file for people (docs/report.md).
//
// Promise: no script, no address that is fetched, nothing of a patient: no cell value, no record's id. Every name is escaped.
// Limits:  the first 1,000 files of a run are told one by one.
// Errors:  ReportPage: ExportConfigurationError config, ImednetError io, no_space. A page that can't be written after a good run is an
// error.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "imednet/integrations/warehouse.h"
#include "pipeline/reconciliation.h"

namespace imednet::pipeline {

// The text of the page. `failure`: what ended the run; nullptr: nothing did.
std::string report_page(const integrations::ExportReport& report, Counted counted, const ImednetError* failure = nullptr);

// The file of one run's page.
class ReportPage {
 public:
  // Judges the path, so that one that can't be written is known before anything is read. Without a path nothing is ever written.
  // `manifest`: whose lines and totals it must not replace.
  ReportPage(const std::optional<std::filesystem::path>& path, const std::optional<std::filesystem::path>& manifest);

  // `counted`: how far whoever holds the rows counts them; of a folder only the files do.
  void write(const integrations::ExportReport& report, Counted counted) const;
  // Of a run that ends with `failure`; that this can't be written is only told in the log.
  void write_failed(const integrations::ExportReport& report, Counted counted, const ImednetError& failure) const noexcept;

 private:
  std::optional<std::filesystem::path> path_;
};

}  // namespace imednet::pipeline
