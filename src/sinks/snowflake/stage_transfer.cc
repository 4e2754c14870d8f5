#include "sinks/snowflake/stage_transfer.h"

#include <fmt/format.h>

#include <utility>

#include "core/log.h"
#include "core/plain_path.h"
#include "sinks/snowflake/stage_listing.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;

bool is_size_of(std::int64_t on_stage, std::int64_t bytes) { return on_stage == bytes || on_stage == (bytes / 16 + 1) * 16; }

}  // namespace

StageTransfer::StageTransfer(Session& session, Settings settings, Attempt attempt, int uploads, UploadHelpers::Open open)
    : session_(session),
      settings_(std::move(settings)),
      attempt_(std::move(attempt)),
      helpers_(uploads, std::move(open), [this](Session& helper, const UploadHelpers::Upload& upload) { send(helper, upload); }) {}

std::string StageTransfer::relative(const staging::StagedFile& file) const {
  return settings_.by_content ? fmt::format("{}/{}", file.content_hash, file.file_name) : file.file_name;
}

std::string StageTransfer::path(const staging::StagedFile& file) const { return settings_.directory.path_of(relative(file)); }

std::map<std::string, std::int64_t> StageTransfer::list_with(Session& session) const {
  std::map<std::string, std::int64_t> sizes;
  const db::Answer answer = session.run(list_stage(settings_.directory), "list");
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    // LIST matches by prefix, so paths are compared exactly later.
    std::string path = path_of_row(answer.at(row, "name").value_or(""));
    if (!path.empty()) sizes[std::move(path)] = answer.number(row, "size");
  }
  return sizes;
}

std::map<std::string, std::int64_t> StageTransfer::list() {
  std::map<std::string, std::int64_t> sizes;
  attempt_("list", [&] { sizes = list_with(session_); });
  return sizes;
}

// The driver reads the path in PUT as a pattern, so only plain characters may stand in it.
std::filesystem::path StageTransfer::plain_path_of(const staging::StagedFile& file) {
  std::filesystem::path local = std::filesystem::absolute(file.path);
  if (core::is_plain_path(local.string())) return local;
  const auto folder = settings_.temporary / "put" / std::to_string(links_++);
  std::filesystem::create_directories(folder);
  std::filesystem::create_symlink(local, folder / file.file_name);
  return folder / file.file_name;
}

// One PUT, without a second try: who asks whether the file arrived also tries again.
void StageTransfer::put(Session& session, const staging::StagedFile& file, const std::filesystem::path& local) const {
  const std::string below = settings_.by_content ? file.content_hash : "";
  session.run(put_file(local, settings_.directory, below), "put");
}

std::filesystem::path StageTransfer::get(const std::string& relative, const std::filesystem::path& folder) {
  std::filesystem::path place = folder / std::filesystem::path(relative).filename();
  attempt_("get", [&] {
    std::filesystem::remove(place);  // of a try before: the driver would write over it and leave its end standing
    session_.run(get_file(settings_.directory, relative, folder), "get");
    if (std::filesystem::is_regular_file(place)) return;
    throw ImednetError(
        fmt::format("cannot get {} from the stage: GET reported success and brought no such file", settings_.directory.path_of(relative)),
        {.code = ErrorCode::unavailable,
         .hint = "check that the stage's storage can be reached and lets this user read, then run again",
         .retry = errors::RetryClass::backoff,
         .origin = {.system = "snowflake"}});
  });
  return place;
}

void StageTransfer::require_put_allowed() {
  try {
    session_.run(put_file(settings_.temporary / "asking-whether-put-is-allowed", settings_.directory, ""), "may-put");
  } catch (const ImednetError& error) {
    if (error.code() == ErrorCode::cancelled) throw;
    // Else: the file that is not there, or trouble that the real PUT meets with its retries.
    const bool is_refused =
        error.code() == ErrorCode::permission_denied || error.code() == ErrorCode::not_found || error.code() == ErrorCode::rejected;
    if (!is_refused) return;
    throw errors::ExportConfigurationError(
        fmt::format("cannot PUT to the stage {}: {}", settings_.directory.stage().text(), error.what()),
        {.code = ErrorCode::permission_denied,
         .hint = fmt::format("ask for: GRANT READ, WRITE ON STAGE {} TO ROLE <role>; where the account allows external stages only, this "
                             "export can't be used yet",
                             settings_.directory.stage().sql()),
         .origin = error.origin()});
  }
}

Files StageTransfer::absent_of(const Files& files, const LoadedFiles& known) {
  const auto before = list();
  Files absent;
  for (const staging::StagedFile* file : files) {
    const auto there = before.find(path(*file));
    if (there == before.end() || (settings_.by_content && !is_size_of(there->second, file->bytes))) {
      absent.push_back(file);
      continue;
    }
    const auto vouched = known.find(there->first);
    const bool is_trusted =
        settings_.by_content || vouched_.contains(there->first) || (vouched != known.end() && vouched->second.sha256 == file->sha256);
    if (!is_trusted) {
      throw errors::ExportError(
          fmt::format("cannot upload {}: another file has that name on the stage", file->file_name),
          {.code = ErrorCode::rejected,
           .hint = fmt::format("run {}, or leave --stage-layout at its default", remove_file(settings_.directory, relative(*file)).text()),
           .origin = {.system = "snowflake"}});
    }
    present_.insert(there->first);
  }
  return absent;
}

void StageTransfer::send_ahead(const staging::StagedFile& file) {
  const auto local = std::filesystem::absolute(file.path);
  if (!helpers_.are_there() || !settings_.by_content || !core::is_plain_path(local.string())) return;
  {
    const std::lock_guard lock(ahead_mutex_);
    is_ahead_ = true;
  }
  helpers_.give({file, local});
}

// Of what is sent ahead, only what was not there: another table may have been loaded from the same file, and a reading that fails must not
// take it away.
void StageTransfer::send(Session& helper, const UploadHelpers::Upload& upload) {
  {
    const std::lock_guard lock(ahead_mutex_);
    if (is_ahead_) {
      if (!before_ahead_) before_ahead_ = list_with(helper);
      if (before_ahead_->contains(path(upload.file))) return;
      ahead_.insert(relative(upload.file));
    }
  }
  put(helper, upload.file, upload.local);
}

void StageTransfer::forget_ahead() noexcept {
  helpers_.drop();
  is_ahead_ = false;
  try {
    for (const std::string& path : std::exchange(ahead_, {})) session_.run(remove_file(settings_.directory, path), "remove");
  } catch (const std::exception& error) {
    core::log_detail(fmt::format("files that were sent ahead stay on the stage: {}", error.what()));
  }
}

void StageTransfer::upload(const Files& files, const LoadedFiles& known, const std::function<void(std::int64_t done)>& on_files) {
  if (files.empty()) return;
  if (is_ahead_) {  // from here on these files are as any others: those that did not arrive are sent again
    helpers_.finish([&](std::size_t put_so_far) { on_files(static_cast<std::int64_t>(put_so_far)); });
    is_ahead_ = false;
    ahead_.clear();
  }
  Files absent = absent_of(files, known);
  auto done = static_cast<std::int64_t>(files.size() - absent.size());
  on_files(done);
  if (helpers_.are_worth_it(absent.size())) {
    for (const staging::StagedFile* file : absent) helpers_.give({*file, plain_path_of(*file)});
    helpers_.finish([&](std::size_t put_so_far) { on_files(done + static_cast<std::int64_t>(put_so_far)); });
  } else {
    for (const staging::StagedFile* file : absent) {
      attempt_("put", [&] { put(*file); });
      on_files(++done);
    }
  }
  require_arrived(std::move(absent));
}

void StageTransfer::upload_again(const staging::StagedFile& file) {
  present_.erase(path(file));
  attempt_("put", [&] { put(file); });
  require_arrived({&file});
}

Files StageTransfer::missing_of(const Files& files) {
  const auto now = list();
  Files missing;
  for (const staging::StagedFile* file : files) {
    const auto there = now.find(path(*file));
    if (there == now.end() || !is_size_of(there->second, file->bytes)) missing.push_back(file);
  }
  return missing;
}

void StageTransfer::require_arrived(Files files) {
  if (files.empty()) return;
  bool is_asked = false;
  attempt_("arrive", [&] {
    if (is_asked) {
      for (const staging::StagedFile* file : files) put(*file);
    }
    is_asked = true;
    files = missing_of(files);
    if (files.empty()) return;
    throw errors::ExportBatchError(
        fmt::format("cannot upload {}: PUT reported success, but LIST shows no file of that name and size", files.front()->file_name),
        files.front()->batch_id,
        {.code = ErrorCode::unavailable,
         .hint = "check that the stage's storage can be reached and lets this user write, then run again",
         .retry = errors::RetryClass::backoff,
         .origin = {.system = "snowflake"}});
  });
}

}  // namespace imednet::sinks::snowflake
