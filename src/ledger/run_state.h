// run_state.h: what a run was about to do and what it did, on this machine's disk: JSON lines, append only, hash-chained.
//
// Where it stands: <state folder>/runs/<run id>.jsonl; 0600 in folders of 0700. Names, counts and hashes; never record contents.
// Shape:  {"seq", "stamp", "event", its fields…, "prev", "hash"}: hash is the SHA-256 of prev and the line without its hash.
// Order:  a line that announces an effect is on disk before the effect, one that reports it is written after it.
// Errors: ExportConfigurationError (io) for a folder that can't be made or written, hint --state-dir; ImednetError io / no_space.
// Source: docs/formats/run-state.md; ADR 0020.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/clock.h"

namespace imednet::ledger {

using FieldValue = std::variant<std::string, std::int64_t, std::vector<std::string>>;
using Fields = std::vector<std::pair<std::string, FieldValue>>;

// The words of "event".
inline constexpr std::string_view kPlanned = "planned";    // the run has its lease and will read, stage and load
inline constexpr std::string_view kStaged = "staged";      // a file is written and read back
inline constexpr std::string_view kUploaded = "uploaded";  // a file lies on the stage
inline constexpr std::string_view kLoading = "loading";    // the statements that load these files will be sent now
inline constexpr std::string_view kLoaded = "loaded";      // they worked, and the destination's ledger says so
inline constexpr std::string_view kVerified = "verified";  // the counts of all parts agree
inline constexpr std::string_view kEnded = "ended";        // with its outcome; a run without this line was cut off

struct RunEvent {
  std::int64_t seq = 0;
  std::string stamp{}, name{};
  Fields fields{};

  // Empty or 0 when there is no such field of that type.
  std::string text(std::string_view field) const;
  std::int64_t number(std::string_view field) const;
};

// What stands in one run's file, up to the first line that is not what was written.
struct RunRecord {
  struct BadLine {
    std::size_t number = 0;  // from 1
    std::string why{};
  };
  std::string run_id{};
  std::filesystem::path path{};
  std::vector<RunEvent> events{};
  std::optional<BadLine> bad_line{};

  const RunEvent* find(std::string_view event) const;  // the first of that name
  bool is_ended() const { return find(kEnded) != nullptr; }
  std::string problem() const;  // for people: "line 4 of <path> …"; empty when every line is good
};

class RunState {
 public:
  // Makes the run's file; `folder` is one of prepare_state_folder(). The clock outlives this.
  RunState(const std::filesystem::path& folder, std::string_view run_id, core::Clock& clock);
  ~RunState();
  RunState(const RunState&) = delete;
  RunState& operator=(const RunState&) = delete;

  // On disk when this returns.
  void append(std::string_view event, Fields fields);
  // The same for many events, in one go.
  void append_all(std::string_view event, std::span<const Fields> each);
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void write(std::string_view text, std::string_view event);

  std::filesystem::path path_;
  core::Clock& clock_;
  int file_ = -1;
  std::int64_t seq_ = 0, size_ = 0;
  std::string previous_;
};

// $XDG_STATE_HOME/imednet, else ~/.local/state/imednet; empty when neither variable is set to an absolute path.
std::filesystem::path default_state_folder();

// The folder to use: `wanted`, else the default one. Made if missing, and tried.
std::filesystem::path prepare_state_folder(const std::optional<std::filesystem::path>& wanted);

// Reads one file; what is wrong inside it is in the answer. Throws ImednetError (io) when it can't be read.
RunRecord read_run(const std::filesystem::path& path);

// All runs of a folder made by prepare_state_folder(), newest first.
std::vector<RunRecord> list_runs(const std::filesystem::path& folder);

// The newest run of that study and target, when it was cut off; nullopt: there is none, or it ended.
std::optional<RunRecord> last_unfinished_run(const std::filesystem::path& folder, std::string_view study, std::string_view target);

// Removes files of ended runs but for the newest `kept`; never throws.
void remove_old_runs(const std::filesystem::path& folder, std::size_t kept) noexcept;

}  // namespace imednet::ledger
