#include "simulation/channel.h"

#include <fmt/format.h>
#include <stdexcept>

#include "imednet/errors.h"

namespace imednet::simulation {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

[[noreturn]] void throw_lost() {
  throw ImednetError("cannot run a statement: the connection was closed",
                     {.code = ErrorCode::unavailable, .retry = RetryClass::backoff, .origin = {.system = "driver"}});
}

std::string_view kind_of(std::string_view sql) {
  if (sql.starts_with("PUT ")) return sql.find("asking-whether-put-is-allowed") == std::string_view::npos ? "put" : "";
  if (sql.starts_with("COPY ")) return "copy";
  if (sql == "COMMIT") return "commit";
  if (sql.starts_with("MERGE ") || sql.starts_with("DELETE ")) return "change";
  return "";
}

// The trace must not follow the names of temporary folders.
std::string shown(const std::string& sql) {
  const auto from = sql.starts_with("PUT ") ? sql.find("' '") : 0;
  return from == std::string::npos || from == 0 ? sql : "PUT " + sql.substr(from + 2);
}

}  // namespace

WarehouseChannel::WarehouseChannel(World& world, Warehouse& warehouse, std::stop_token stop)
    : world_(world), warehouse_(warehouse), owner_(*World::current()), stop_(std::move(stop)) {
  world_.step("connect", world_.random.between(50, 500));
  if (stop_.stop_requested()) throw ImednetError("cannot sign in: the run was stopped", {.code = ErrorCode::cancelled});
  const Fault* fault = world_.fault_at("connect");
  world_.trace(fmt::format("{} connects {}", owner_.name, fault != nullptr ? fault->name : ""));
  if (fault != nullptr || world_.now() < warehouse_.down_until) throw_sql("261004", "08001", "the service can't be reached");
  session_ = warehouse_.open_session(owner_.pid);
}

WarehouseChannel::~WarehouseChannel() {
  if (!owner_.is_dead && session_ != 0) warehouse_.close_session(session_);
}

void WarehouseChannel::read(const std::string&, const db::Options&, const std::function<void(const arrow::RecordBatch&)>&) {
  throw std::logic_error("the simulated warehouse has no answers in batches");
}

std::int64_t WarehouseChannel::ingest(const std::string&, const std::shared_ptr<arrow::RecordBatchReader>&) {
  throw std::logic_error("the simulated warehouse takes no rows from a stream");
}

void WarehouseChannel::close() {
  if (owner_.is_dead) throw Crash();
  if (session_ != 0) warehouse_.close_session(session_);
  session_ = 0;
}

db::Answer WarehouseChannel::query(const std::string& sql, const db::Options& options) {
  const std::string tag = options.empty() ? "" : options.front().second;
  world_.step(sql.substr(0, 20), world_.random.between(10, 900));
  if (stop_.stop_requested()) throw ImednetError("cannot run a statement: the run was stopped", {.code = ErrorCode::cancelled});
  world_.trace(fmt::format("{} {}", owner_.name, shown(sql)));
  if (world_.now() < warehouse_.down_until) throw_lost();
  const Fault* fault = world_.fault_at("sql");
  const std::string_view kind = kind_of(sql);
  const Fault* of_kind = kind.empty() ? nullptr : world_.fault_at(kind);
  const Fault* struck = of_kind != nullptr ? of_kind : fault;
  if (struck != nullptr) world_.trace(fmt::format("{} {}", owner_.name, struck->name));
  db::Answer answer = struck != nullptr ? run_with(*struck, sql, tag) : run(sql, tag);
  world_.trace(fmt::format("{} has {} rows", owner_.name, answer.rows.size()));
  world_.step("answer", 0);
  return answer;
}

db::Answer WarehouseChannel::run(const std::string& sql, const std::string& tag) {
  return warehouse_.run(session_, sql, tag, CopyFault::none);
}

db::Answer WarehouseChannel::run_with(const Fault& fault, const std::string& sql, const std::string& tag) {
  const std::string& name = fault.name;
  if (name.starts_with("put-")) return put(fault, sql, tag);
  if (name.ends_with("-lost-before")) throw_lost();
  if (name.ends_with("-lost-after")) {
    run(sql, tag);
    throw_lost();
  }
  if (name.ends_with("-late") || name == "copy-late-and-death") {
    warehouse_.run_later(session_, sql, tag, world_.random.between(500, 90'000));
    if (name == "copy-late-and-death") world_.crash();
    throw_lost();
  }
  if (name == "session-expired" || name == "token-expired" || name == "commit-session-lost") {
    if (name == "commit-session-lost" && world_.random.chance(50)) run(sql, tag);
    warehouse_.expire_session(session_);
    throw_sql(name == "token-expired" ? "390114" : "390112", "08001", "the session has expired");
  }
  if (name == "commit-death-after") {
    run(sql, tag);
    world_.crash();
  }
  if (name == "sql-cancelled") throw_sql("000604", "57014", "the statement was cancelled");
  if (name == "sql-timeout") throw_sql("000630", "57014", "the statement took too long");
  if (name == "sql-refused") throw_sql("003001", "42501", "insufficient privileges");
  if (name == "warehouse-suspended") throw_sql("000608", "57014", "the warehouse is suspended");
  if (name == "table-locked") throw_sql("000625", "57014", "too many statements wait for the table");
  if (name == "maintenance") {
    warehouse_.down_until = world_.now() + world_.random.between(500, 600'000);
    throw_lost();
  }
  if (name == "copy-file-gone") {
    remove_file_of(sql);
    return run(sql, tag);
  }
  const auto copy_fault = name == "copy-partial"   ? CopyFault::partial
                          : name == "copy-nothing" ? CopyFault::nothing
                          : name == "copy-lies"    ? CopyFault::lies
                                                   : CopyFault::null_column;
  return warehouse_.run(session_, sql, tag, copy_fault);
}

// The driver says that all went well; what lies on the stage is another matter.
db::Answer WarehouseChannel::put(const Fault& fault, const std::string& sql, const std::string& tag) {
  const auto before = warehouse_.stage;
  const db::Answer answer = run(sql, tag);
  if (fault.name == "put-lost-upload") warehouse_.stage = before;
  if (fault.name == "put-lost-after") throw_lost();
  for (auto& [path, file] : warehouse_.stage) {
    if (const auto old = before.find(path); old != before.end() && old->second.upload == file.upload) continue;
    if (fault.name == "put-cut") file.bytes.resize(file.bytes.size() / 2);
    if (fault.name == "put-corrupt") file.bytes.back() ^= 0x55;  // the store or the reader notices
    if (fault.name == "put-listed-late") file.listed_from = world_.now() + world_.random.between(100, 5'000);
  }
  return answer;
}

void WarehouseChannel::remove_file_of(const std::string& sql) {
  for (auto file = warehouse_.stage.begin(); file != warehouse_.stage.end(); ++file) {
    if (sql.find(file->first.substr(file->first.find('/') + 1)) == std::string::npos) continue;
    warehouse_.stage.erase(file);
    return;
  }
}

}  // namespace imednet::simulation
