// warehouse.h: Snowflake in memory, as far as this export uses it: tables with transactions, locks, a stage, load history and
// the history of statements.
//
// Rules:   a row is there for a reader when the transaction that wrote it is committed or the reader's own. UPDATE, DELETE and MERGE
//          hold their table until their transaction ends; INSERT and COPY run beside each other. DDL commits. COPY skips a file
//          that its history knows with the same upload, unless FORCE. A session's temporary tables go with it; the transaction of
//          a client that died stays open for up to five minutes.
// Source:  Snowflake's documentation, as docs/simulation.md says where.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/adbc.h"
#include "imednet/errors.h"
#include "simulation/sql_shape.h"
#include "simulation/world.h"

namespace imednet::simulation {

struct StoredRow {
  std::vector<db::Cell> cells;
  std::int64_t born = 0, died = 0;  // transactions; died 0: none
};

struct Table {
  std::string name, created;
  std::vector<std::pair<std::string, std::string>> columns{};  // name, type
  std::string comment{};
  std::map<std::string, std::string, std::less<>> column_comments{};
  std::vector<StoredRow> rows{};
  std::map<std::string, std::int64_t, std::less<>> history{};  // path of a loaded file -> upload
  std::map<std::string, std::int64_t, std::less<>> history_rows{};
  std::int64_t altering = 0;  // transaction that holds it

  std::size_t column(std::string_view column_name) const;
};

struct StageFile {
  std::string bytes;
  std::int64_t upload = 0;  // another one for each PUT
  std::int64_t listed_from = 0;
};

struct Session {
  std::int64_t id = 0, pid = 0;
  std::int64_t transaction = 0;  // open one; 0: none
  std::string transaction_name{};
  bool is_gone = false;
  std::map<std::string, std::shared_ptr<Table>, std::less<>> temporary{};
};

struct Statement {
  std::int64_t id = 0;
  std::string tag, status;
  std::int64_t session = 0;
};

enum class TransactionState : std::uint8_t { open, committed, aborted };

// What goes wrong inside of a COPY.
enum class CopyFault { none, partial, nothing, null_column, lies };

// A statement that fails; the text carries no value.
[[noreturn]] void throw_sql(const char* number, const char* state, const std::string& message);

class Warehouse {
 public:
  explicit Warehouse(World& world);

  std::int64_t open_session(std::int64_t pid);
  void close_session(std::int64_t session);
  // The session is lost at once: its transaction is rolled back.
  void expire_session(std::int64_t session);
  // The client died; its open transactions are found out later.
  void client_died(std::int64_t pid);

  db::Answer run(std::int64_t session, const std::string& sql, const std::string& tag, CopyFault fault);
  // Has its effect later, whoever waits for it.
  void run_later(std::int64_t session, const std::string& sql, const std::string& tag, std::int64_t delay);

  std::map<std::string, StageFile, std::less<>> stage;  // by path, as imednet/<hash>/<file>
  std::shared_ptr<Table> find(std::string_view name) const;
  bool has_cursor() const;  // of a run that ended well, and not set aside
  void recreate(const std::string& name, bool with_rows);
  bool is_committed(const StoredRow& row) const;  // and not gone
  std::function<void()> on_commit;                // what everybody sees may have changed
  std::int64_t down_until = 0;                    // nobody is answered before

 private:
  struct Call {
    Session& session;
    Holes holes;
    CopyFault fault;
  };
  using Handler = db::Answer (Warehouse::*)(Call&);
  struct Shape {
    std::string text;
    Handler handler;
  };
  void add_shapes();
  void add_lease_shapes();
  db::Answer dispatch(Session& session, const std::string& sql, CopyFault fault);

  // warehouse.cc: sessions and transactions.
  Table& table(Call& call, const std::string& name);
  bool is_visible(const StoredRow& row, std::int64_t transaction) const;
  std::int64_t begin_change(Call& call);
  void end_change(Call& call, std::int64_t transaction);
  void lock(Call& call, Table& table, std::int64_t transaction);
  void end_transaction(std::int64_t transaction, TransactionState state);
  void commit_open(Session& session);
  std::vector<StoredRow*> rows(Call& call, Table& table);
  std::int64_t reader(const Session& session) const { return session.transaction; }

  db::Answer ok(Call& call);
  db::Answer begin(Call& call);
  db::Answer commit(Call& call);
  db::Answer rollback(Call& call);
  db::Answer show_transactions(Call& call);
  db::Answer abort_transaction(Call& call);
  db::Answer abort_session(Call& call);

  // warehouse_catalog.cc
  db::Answer context(Call& call);
  db::Answer show_stages(Call& call);
  db::Answer show_tables(Call& call);
  db::Answer describe(Call& call);
  db::Answer create_target(Call& call);
  db::Answer create_ledger(Call& call);
  db::Answer create_leases(Call& call);
  db::Answer create_cursor(Call& call);
  db::Answer comment_on_table(Call& call);
  db::Answer comment_on_quiet_runs(Call& call);
  db::Answer create_temporary(Call& call);
  db::Answer drop(Call& call);
  db::Answer query_status(Call& call);
  db::Answer statements_at_work(Call& call);
  db::Answer cancel(Call& call);
  db::Answer load_history(Call& call);
  db::Answer list(Call& call);
  db::Answer put(Call& call);
  void make(Call& call, const std::string& name, std::vector<std::pair<std::string, std::string>> columns);

  // warehouse_copy.cc
  db::Answer copy(Call& call);
  std::vector<std::vector<db::Cell>> read_file(const StageFile& file, const std::string& items, const std::string& path,
                                               const std::string& run_id, const Table& into);

  // warehouse_rows.cc
  db::Answer file_facts(Call& call);
  db::Answer study_state(Call& call);
  db::Answer form_rows(Call& call);
  db::Answer run_rows(Call& call);
  db::Answer run_records(Call& call);
  db::Answer key_counts(Call& call);
  db::Answer equal_rows(Call& call);
  db::Answer missing_records(Call& call);
  db::Answer mark_deleted(Call& call);
  db::Answer delete_study(Call& call);
  db::Answer insert_all(Call& call);
  db::Answer insert_newest(Call& call);
  db::Answer merge(Call& call);
  std::vector<StoredRow*> newest(Call& call, Table& table, const std::string& order);

  // warehouse_ledger.cc: the ledger and the leases.
  db::Answer ledger_entries(Call& call);
  db::Answer ledger_tables(Call& call);
  db::Answer insert_ledger(Call& call);
  db::Answer supersede_ledger(Call& call);
  db::Answer supersede_files(Call& call);
  db::Answer lock_leases(Call& call);
  db::Answer insert_lease(Call& call);
  db::Answer read_lease(Call& call);
  db::Answer take_lease(Call& call);
  db::Answer take_free_lease(Call& call);
  db::Answer take(Call& call, bool only_when_free);
  db::Answer beat_lease(Call& call);
  db::Answer release_lease(Call& call);

  // Rows of the table for which `wanted` holds are written anew with `change` made; how many.
  db::Answer update(Call& call, Table& table, const std::function<bool(const std::vector<db::Cell>&)>& wanted,
                    const std::function<void(std::vector<db::Cell>&)>& change);

  World& world_;
  std::vector<Shape> shapes_;
  std::map<std::string, std::shared_ptr<Table>, std::less<>> tables_;
  std::map<std::int64_t, Session> sessions_;
  std::vector<TransactionState> transactions_{TransactionState::committed};  // 0 is no transaction
  std::vector<Statement> statements_;
  std::int64_t uploads_ = 0, creations_ = 0;
};

}  // namespace imednet::simulation
