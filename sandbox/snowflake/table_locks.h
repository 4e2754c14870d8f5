#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace imednet::sandbox::snowflake {

// What a statement does to a table's rows. Adding ones (INSERT, COPY) run side by side; one that changes rows (UPDATE,
// DELETE, MERGE) holds the table until its transaction ends. [doc]
enum class RowChange { adds, alters };

// Who may change which table's rows, and how often each table's rows were changed for everybody to see.
class TableLocks {
 public:
  struct Request {
    std::string session;
    std::string query_id;
    int64_t table = 0;
    std::string table_name;
    RowChange change = RowChange::adds;
    std::function<void(const std::string& holder)> while_waiting;  // throws to give up
    int64_t wait_seconds = 0;                                      // LOCK_TIMEOUT; 0: don't wait
    std::function<int64_t()> now_us;
  };
  // Waits for the table. Throws SqlError 000625 when it stays locked, when waiting would be for ever, or when twenty wait already.
  void take(const Request& request);
  // The session's transaction ended; its changes are there for everybody when it was committed.
  void release(const std::string& session, bool committed);
  // Whether the session waits for a table now.
  bool waits(const std::string& session) const;

  // Numbers that only grow: of a table, and of all.
  int64_t version(int64_t table) const;
  int64_t version() const;
  // Its columns changed.
  void note_change(int64_t table);

 private:
  struct Table {
    std::string altering;  // session that holds it
    std::string query_id;  // its statement
    std::string name;
    std::set<std::string> writing;  // sessions with changes of either kind
    int waiting = 0;
    int64_t version = 0;
  };
  bool is_free(const Table& table, const std::string& session) const { return table.altering.empty() || table.altering == session; }
  bool would_deadlock(const std::string& session, int64_t table) const;

  mutable std::mutex mutex_;
  std::map<int64_t, Table> tables_;
  std::map<std::string, int64_t> waiting_;  // session: table
  int64_t version_ = 0;
};

}  // namespace imednet::sandbox::snowflake
