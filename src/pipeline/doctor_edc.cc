// doctor_edc.cc: does the iMednet API answer, with these keys, for this study, how fast, and on what clock?
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "api/client.h"
#include "core/clock.h"
#include "core/stamp.h"
#include "pipeline/doctor_findings.h"

namespace imednet::integrations {
namespace {

using errors::ErrorCode;
using pipeline::CheckList;
using pipeline::Finding;

constexpr int kPages = 5;
constexpr std::int64_t kSlowPage = 2'000;  // ms
constexpr std::int64_t kMicros = 1'000'000;

class EdcExamination {
 public:
  EdcExamination(std::shared_ptr<api::Client> client, std::string study)
      : client_(std::move(client)), study_(std::move(study)), clock_(core::system_clock()) {}

  void run(CheckList& list) {
    if (!connect(list)) return;
    list.run("study", [this] { return study(); });
    list.run("page latency", [this] { return latency(); });
    list.run("clock", [this] { return clock(); });
    list.run("rate limit", [this] { return rate_limit(); });
  }

 private:
  static constexpr std::array kAfterKeys = {"study", "page latency", "clock", "rate limit"};

  api::Page small_page(const std::string& path, const std::string& sort) {
    return client_->get_page(path, {{"page", "0"}, {"size", "1"}, {"sort", sort}});
  }

  // One request tells three things apart: no answer at all, an answer that refuses the keys, a page.
  bool connect(CheckList& list) {
    const std::string address = client_->settings().base_url;
    const std::string wire = address.starts_with("https://") ? "name, connection and certificate are good" : "plain http, to this machine";
    std::string failed;
    try {
      last_ = small_page("/studies", "studyKey,asc");
      list.add_ok("network", fmt::format("{}: {}", address, wire));
      list.add_ok("keys", "accepted");
      return true;
    } catch (const errors::ApiError& error) {
      if (error.code() == ErrorCode::cancelled) throw;
      const bool is_answered = error.origin().http_status != 0;
      if (is_answered) list.add_ok("network", fmt::format("{}: {}", address, wire));
      failed = is_answered ? "keys" : "network";
      list.add_failure(failed, error);
      if (!is_answered) list.skip("keys", failed);
    }
    for (const char* what : kAfterKeys) list.skip(what, failed);
    return false;
  }

  Finding study() {
    if (study_.empty())
      return {.detail =
                  last_.total_elements < 0 ? "none was given" : fmt::format("none was given; these keys see {}", last_.total_elements)};
    last_ = small_page(records_path(), "recordId,asc");
    return {.detail = fmt::format("{} has {} records", study_, last_.total_elements)};
  }

  std::string records_path() const { return fmt::format("/studies/{}/records", api::encode(study_)); }

  Finding latency() {
    std::array<std::int64_t, kPages> times{};
    for (std::int64_t& time : times) {
      const auto before = clock_.now();
      last_ = study_.empty() ? small_page("/studies", "studyKey,asc") : small_page(records_path(), "recordId,asc");
      time = std::chrono::duration_cast<std::chrono::milliseconds>(clock_.now() - before).count();
      answered_ = clock_.utc_now();
    }
    std::sort(times.begin(), times.end());
    const std::int64_t median = times[kPages / 2];
    Finding finding{.detail = fmt::format("median of {} pages of one element {} ms, slowest {} ms", kPages, median, times.back())};
    if (median > kSlowPage) finding.advice = "look at the network between here and the API; a whole reading takes a page for 500 records";
    return finding;
  }

  Finding clock() const {
    const auto stamp = core::parse_stamp(last_.timestamp);
    if (!stamp) return {.detail = "the API's answer has no stamp that can be read", .advice = "report it to iMednet support"};
    const auto local = std::chrono::duration_cast<std::chrono::seconds>(answered_.time_since_epoch()).count();
    return pipeline::clock_finding(*stamp / kMicros - local, "stamps of runs would mislead");
  }

  Finding rate_limit() const {
    std::string told;
    for (const auto& [name, value] : last_.rate_headers) told += fmt::format("{}{}: {}", told.empty() ? "" : ", ", name, value);
    return {.detail = told.empty() ? "the API tells none" : told};
  }

  std::shared_ptr<api::Client> client_;
  std::string study_;
  core::Clock& clock_;
  api::Page last_;
  std::chrono::system_clock::time_point answered_;
};

}  // namespace

DoctorReport examine_edc(const SdkConfig& config, std::string_view study_key) {
  CheckList list;
  std::shared_ptr<api::Client> client;
  const bool is_set = list.run("settings", [&] {
    client = ImednetSDK(config).client();
    return Finding{.detail = "both keys and the address are given"};
  });
  if (is_set) EdcExamination(std::move(client), std::string(study_key)).run(list);
  return list.take();
}

}  // namespace imednet::integrations
