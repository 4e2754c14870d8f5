#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "result_set.h"
#include "server_state.h"
#include "session.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

// The numbers clients tell statements apart by.
namespace statement_type {
inline constexpr int kSelect = 0x1000;
inline constexpr int kInsert = 0x3100;
inline constexpr int kUpdate = 0x3200;
inline constexpr int kDelete = 0x3300;
inline constexpr int kMerge = 0x3400;
inline constexpr int kCopy = 0x3600;
inline constexpr int kAlterSession = 0x4100;
inline constexpr int kUse = 0x4300;
inline constexpr int kShow = 0x4400;
inline constexpr int kDescribe = 0x4500;
inline constexpr int kList = 0x4701;
inline constexpr int kTransaction = 0x5000;
inline constexpr int kDefinition = 0x6000;
inline constexpr int kGet = 0x7101;
inline constexpr int kPut = 0x7102;
inline constexpr int kRemove = 0x7103;
}  // namespace statement_type

struct StatementResult {
  ResultSet result;
  int type = statement_type::kSelect;
  nlohmann::json transfer;                   // of PUT and GET: where the client is to store or find the files
  std::vector<std::filesystem::path> files;  // of GET: what the client fetches
  long wanted_binds = 0;                     // told by a description only
};

// @db.schema.stage/path, read from its text.
struct StageReference {
  ObjectName name;
  std::string path;  // without a leading slash
};
StageReference parse_stage_reference(const std::string& text);

// One answer column of text.
ResultColumn text_column(const std::string& name);
ResultColumn number_column(const std::string& name);
ResultColumn timestamp_column(const std::string& name);
StatementResult status_result(const std::string& message, int type);
// What a definition says when it is done.
StatementResult defined(const std::string& message = "Statement executed successfully.");

// Runs one statement of one session: reads it with the grammar, then acts.
class Executor : public NameResolver {
 public:
  Executor(ServerState& state, Session& session, std::string query_id, std::vector<Binding> bindings);

  StatementResult run(const std::string& sql);
  // The answer's columns and how many binds it wants, without running it.
  StatementResult describe_only(const std::string& sql);

  // A COPY that goes wrong without an error: loads at most so many rows of each file, or nothing.
  struct CopyFault {
    std::optional<int64_t> rows;
    bool nothing = false;
  };
  void order_copy(const CopyFault& fault) { copy_fault_ = fault; }

  // LIKE, IN, STARTS WITH and LIMIT of a SHOW.
  struct NamedClause {
    std::optional<std::string> like;
    std::string starts_with;
    std::string database;
    std::string schema;
    bool everywhere = false;  // IN ACCOUNT or IN DATABASE
    std::optional<ObjectName> table;
    size_t limit = 10000;
  };

  // --- NameResolver
  std::string relation(const ObjectName& name) override;
  std::string table_function(const ObjectName& name, const std::map<std::string, std::string>& arguments) override;
  std::optional<std::string> session_value(const std::string& upper_name) override;
  std::optional<std::string> system_function(const std::string& upper_name, const std::vector<std::string>& arguments) override;

 private:
  using Handler = StatementResult (Executor::*)(Translator&);

  // executor.cc
  std::optional<std::string> known_session_value(const std::string& name) const;
  static Handler handler_for(const Translator& sql);
  ObjectName resolve(const ObjectName& name) const;
  ObjectName resolve_in_existing_schema(const ObjectName& name) const;
  TableDefinition table(const ObjectName& name);
  StageDefinition stage(const ObjectName& name) const;
  void check_json(Translator& sql);
  StatementResult select(Translator& sql);
  StatementResult begin(Translator& sql);
  StatementResult commit(Translator& sql);
  StatementResult rollback(Translator& sql);

  // execute_session.cc
  StatementResult use(Translator& sql);
  StatementResult alter_session(Translator& sql);
  void set_parameter(const std::string& name, const std::string& value);

  // execute_user.cc
  User user(const std::string& name) const;
  StatementResult create_user(Translator& sql, bool replace);
  StatementResult alter_user(Translator& sql);
  StatementResult drop_user(Translator& sql);
  StatementResult describe_user(Translator& sql);
  StatementResult show_users(const NamedClause& clause);
  // access_tokens.cc
  StatementResult add_access_token(Translator& sql, User changed);
  StatementResult remove_access_token(Translator& sql, User changed);
  StatementResult show_access_tokens(Translator& sql);

  // execute_grants.cc
  bool may(const std::string& privilege, const std::string& kind, const std::string& object) const;
  void require(const std::string& privilege, const std::string& kind, const std::string& object) const;
  void require(const std::string& privilege, const TableDefinition& table) const;
  bool sees_database(const std::string& database) const;
  bool sees_schema(const std::string& database, const std::string& schema) const;
  bool sees(const TableDefinition& table) const;
  bool sees(const StageDefinition& stage) const;
  bool sees(const ViewDefinition& view) const;
  void own(const std::string& kind, const std::string& object);
  StatementResult create_role(Translator& sql, bool replace);
  StatementResult drop_role(Translator& sql);
  StatementResult grant(Translator& sql);
  StatementResult grant_role(Translator& sql, bool gives);
  std::string granted_object(Translator& sql, const std::string& kind);
  struct GrantTarget {
    std::string kind;
    std::vector<std::string> objects;
    bool is_future = false;
    std::string container_kind;
    std::string container;
  };
  GrantTarget grant_target(Translator& sql);
  std::vector<std::string> objects_in(const std::string& kind, const std::string& container_kind, const std::string& container);
  // show_grants.cc
  StatementResult show_roles(const NamedClause& clause);
  StatementResult show_grants(Translator& sql);
  StatementResult show_grants_on(const std::string& kind, const std::string& object);
  StatementResult show_grants_of(const std::string& role);
  StatementResult show_grants_to_role(const std::string& role);
  StatementResult show_future_grants(Translator& sql);

  // execute_create.cc
  StatementResult create(Translator& sql);
  StatementResult create_table(Translator& sql, bool replace, TableKind kind);
  TableDefinition create_table_like(TableDefinition definition, Translator& sql);
  StatementResult clone_table(TableDefinition definition, Translator& sql, bool replace);
  StatementResult create_table_using_template(TableDefinition definition, Translator& sql, bool replace);
  StatementResult create_table_as(TableDefinition definition, Translator& sql, bool replace);
  StatementResult create_stage(Translator& sql, bool replace, bool temporary);
  StatementResult create_database(Translator& sql, bool replace);
  StatementResult create_schema(Translator& sql, bool replace);
  ColumnDefinition column_definition(Translator& sql);
  void table_options(Translator& sql, TableDefinition& definition);
  void make_table(TableDefinition& definition, bool replace, const std::string& as_query = "");
  void drop_table_data(const TableDefinition& definition);

  // execute_alter.cc
  StatementResult alter(Translator& sql);
  StatementResult alter_table(Translator& sql);
  StatementResult add_columns(Translator& sql, TableDefinition definition);
  StatementResult drop_columns(Translator& sql, TableDefinition definition);
  StatementResult rename_table(Translator& sql, TableDefinition definition);
  StatementResult drop(Translator& sql);
  StatementResult drop_database(Translator& sql);
  StatementResult drop_schema(Translator& sql);
  StatementResult truncate(Translator& sql);
  StatementResult comment(Translator& sql);
  StatementResult alter_container(Translator& sql);
  void set_container_comment(const std::string& kind, const ObjectName& name, const std::string& text, bool maybe);

  // alter_table.cc
  StatementResult swap_tables(Translator& sql, TableDefinition definition);
  StatementResult rename_column(Translator& sql, TableDefinition definition);
  StatementResult alter_column(Translator& sql, TableDefinition definition);

  // execute_view.cc
  StatementResult create_view(Translator& sql, bool replace);
  StatementResult drop_view(Translator& sql);
  StatementResult show_views(const NamedClause& clause);
  std::optional<ViewDefinition> find_view(const ObjectName& name) const;
  // Engine SQL of its query, whose columns are called as the view's.
  std::string view_relation(const ViewDefinition& view);
  // 002002 for a table by the name of a view, and the other way round.
  void require_no_view(const ObjectName& name) const;
  void require_no_table(const ObjectName& name) const;
  // A table's or a view's, for whoever only looks at columns.
  TableDefinition described(const ObjectName& name);

  // execute_dml.cc
  StatementResult insert(Translator& sql);
  StatementResult update(Translator& sql);
  StatementResult remove_rows(Translator& sql);
  std::string insert_statement(const TableDefinition& target, const std::vector<std::string>& columns, const std::string& source);
  std::string assignment(Translator& sql, const TableDefinition& target, const std::string& alias);
  // execute_merge.cc
  StatementResult merge(Translator& sql);
  std::string merge_insert(Translator& sql, const TableDefinition& target);
  StatementResult merge_answer(size_t clauses, const std::string& joined, const std::string& matched_number,
                               const std::string& unmatched_number, const std::string& statement, const std::string& unmatched_source,
                               const std::function<char(size_t)>& kind_of);

  // execute_system.cc
  std::vector<std::shared_ptr<Session>> sessions_in_sight(bool everybody) const;
  std::string abort_transaction(const std::string& id);
  StatementResult show_transactions(Translator& sql);
  void lock(const TableDefinition& table, RowChange change);
  void prepare_change(const TableDefinition& table, RowChange change);
  void abort_idle_transaction(const std::string& session);

  // execute_warehouse.cc
  WarehouseDefinition warehouse(const std::string& name) const;
  bool sees_warehouse(const std::string& name) const;
  void use_warehouse();
  bool needs_warehouse(const Translator& sql, bool only_counts);
  StatementResult create_warehouse(Translator& sql, bool replace);
  StatementResult alter_warehouse(Translator& sql);
  StatementResult drop_warehouse(Translator& sql);
  StatementResult show_warehouses(const NamedClause& clause);

  // execute_show.cc
  StatementResult show(Translator& sql);
  StatementResult describe(Translator& sql);
  StatementResult describe_table(const TableDefinition& definition) const;
  StatementResult describe_stage(const StageDefinition& definition) const;
  StatementResult show_tables(const NamedClause& clause);
  StatementResult show_stages(const NamedClause& clause);
  StatementResult show_databases(const NamedClause& clause);
  StatementResult show_schemas(const NamedClause& clause);
  StatementResult show_columns(const NamedClause& clause);
  StatementResult show_parameters(const NamedClause& clause);
  NamedClause show_clause(Translator& sql, const std::string& kind);

  // execute_stage.cc
  StatementResult put(Translator& sql);
  StatementResult get(Translator& sql);
  StatementResult list(Translator& sql);
  StatementResult remove_files(Translator& sql);
  StageReference stage_argument(Translator& sql);
  std::vector<StagedFile> matching_files(const StageDefinition& definition, const std::string& prefix,
                                         const std::optional<std::string>& pattern);
  StageDefinition reachable_stage(const ObjectName& name, const std::string& privilege) const;

  // copy_into.cc
  StatementResult copy(Translator& sql);

  // execute_file_format.cc
  FileFormat file_format(const std::optional<FileFormat>& written, const StageDefinition& stage) const;
  FileFormatDefinition named_format(const ObjectName& name) const;
  StatementResult create_file_format(Translator& sql, bool replace, bool temporary);
  StatementResult drop_file_format(Translator& sql);
  StatementResult show_file_formats(const NamedClause& clause);
  StatementResult describe_file_format(Translator& sql);

  // information_schema.cc
  std::string information_schema(const ObjectName& wanted);
  std::string tables_view(const std::vector<TableDefinition>& tables, const std::vector<ViewDefinition>& views) const;
  std::string columns_view(const std::vector<TableDefinition>& tables) const;
  std::string query_history(const std::map<std::string, std::string>& arguments, bool of_session);
  std::string copy_history(const std::map<std::string, std::string>& arguments);
  std::string generator(const std::map<std::string, std::string>& arguments);
  // table_functions.cc
  std::string result_scan(const std::map<std::string, std::string>& arguments);
  std::string infer_schema(const std::map<std::string, std::string>& arguments);

  ServerState& state_;
  Session& session_;
  std::string query_id_;
  std::vector<Binding> bindings_;
  int64_t now_us_;
  CopyFault copy_fault_;
  // Met while translating: tables; whether a view or table function is read; whether CURRENT_… is asked.
  std::set<int64_t> touched_;
  bool reads_views_ = false;
  int view_depth_ = 0;
  bool asks_session_ = false;

  friend class CopyInto;
};

}  // namespace imednet::sandbox::snowflake
