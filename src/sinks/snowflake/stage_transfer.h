// stage_transfer.h: brings staged files onto the internal stage and proves that they arrived; and back from it.
//
// Where it stands: staged files → this (LIST, PUT, LIST) → COPY.
// Rule:   a PUT's success proves nothing (the driver can report success for a file the store refused), so every file is looked
//         for by LIST afterwards: exact name, size plain or padded to the next 16 (client-side encryption).
// Errors: ExportConfigurationError permission_denied (PUT is refused: a grant, or the account's rules);
//         ImednetError unavailable (PUT failed or the file is not there afterwards), rejected (flat layout: another file has
//         that name), io.
// Source: Snowflake PUT and LIST; ADR 0003, 0005.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "sinks/snowflake/load_ledger.h"
#include "sinks/snowflake/session.h"
#include "sinks/snowflake/upload_helpers.h"
#include "sinks/study_load.h"
#include "staging/staged_file.h"

namespace imednet::sinks::snowflake {

class StageTransfer {
 public:
  struct Settings {
    StageDirectory directory;
    bool by_content = true;
    std::filesystem::path temporary;  // for links with plain names
  };
  // `attempt` runs a step with the export's retries.
  using Attempt = std::function<void(std::string_view step, const std::function<void()>&)>;

  // `uploads`: sessions that PUT at the same time at most; `open` signs a further one in.
  StageTransfer(Session& session, Settings settings, Attempt attempt, int uploads = 1, UploadHelpers::Open open = {});

  // Path of a file below the directory ("<hash>/<file>", or "<file>" when flat), and below the stage.
  std::string relative(const staging::StagedFile& file) const;
  std::string path(const staging::StagedFile& file) const;
  const StageDirectory& directory() const noexcept { return settings_.directory; }

  // Asks whether this session may PUT here at all, before any page is read: Snowflake judges the statement before the driver
  // looks for the file, so a PUT of a file that is not there answers it and leaves nothing. Throws ExportConfigurationError.
  void require_put_allowed();
  // Afterwards every file lies on the stage. `known`: files the ledger vouches for (flat layout). `on_files` hears how many are done.
  void upload(const Files& files, const LoadedFiles& known, const std::function<void(std::int64_t done)>& on_files);
  // Begins to PUT a file while others are still read; upload() has to name it, else forget_ahead() takes it from the stage again. On any
  // thread. Does nothing where helpers are not allowed, or the layout needs more of an answer first.
  void send_ahead(const staging::StagedFile& file);
  // What was sent ahead is not wanted: it is removed, as far as that can be done.
  void forget_ahead() noexcept;
  // PUTs a file again that was taken as present before.
  void upload_again(const staging::StagedFile& file);
  // Sizes of what lies below the directory, by path below the stage.
  std::map<std::string, std::int64_t> list();
  // Brings one file from the stage into `folder` (plain characters, there) and returns its place. What is in it is the
  // caller's to judge. Throws ImednetError unavailable when GET brought nothing.
  std::filesystem::path get(const std::string& relative, const std::filesystem::path& folder);
  // The file on the stage was compared with ours (flat layout: an upload may rely on it though the ledger does not know it).
  void vouch_for(const std::string& path) { vouched_.insert(path); }
  bool was_taken_as_present(const staging::StagedFile& file) const { return present_.contains(path(file)); }

 private:
  // Those of the files that are to be sent.
  Files absent_of(const Files& files, const LoadedFiles& known);
  std::filesystem::path plain_path_of(const staging::StagedFile& file);
  void put(Session& session, const staging::StagedFile& file, const std::filesystem::path& local) const;
  void put(const staging::StagedFile& file) { put(session_, file, plain_path_of(file)); }
  void send(Session& helper, const UploadHelpers::Upload& upload);
  std::map<std::string, std::int64_t> list_with(Session& session) const;
  Files missing_of(const Files& files);
  // PUTs again what did not arrive, as often as the export's retries allow; then unavailable.
  void require_arrived(Files files);

  Session& session_;
  Settings settings_;
  Attempt attempt_;
  std::set<std::string, std::less<>> present_, vouched_;
  int links_ = 0;
  std::mutex ahead_mutex_;
  std::optional<std::map<std::string, std::int64_t>> before_ahead_;  // what lay on the stage then: others may rely on it
  std::set<std::string> ahead_;                                      // relative paths of what was sent
  bool is_ahead_ = false;                                            // while others are still read
  UploadHelpers helpers_;                                            // last: its threads use the rest
};

}  // namespace imednet::sinks::snowflake
