// warehouse.h: the staged export to Snowflake: Parquet files, PUT, COPY INTO, and what was counted on the way.
//
// Where it stands: sdk.records() → batches → Parquet file a batch → internal stage → table.
// Shape:   one row a record in record_id order, the `records` layout (docs/formats/records-layout.md); or the `forms` layout
//          (docs/formats/forms-layout.md).
// Units:   stamps are UTC, stored as TIMESTAMP_NTZ; durations are std::chrono.
// Errors:  ExportConfigurationError: sign-in (unauthenticated), an object missing or not granted (not_found,
//          permission_denied), a refused name or setting (invalid_argument, config), columns that differ (schema_mismatch),
//          a missing driver (not_found, origin "driver"). Nothing was loaded; mend the setting and run again.
//          ExportBatchError: a batch failed after all retries; in_doubt means that its effect is unknown: run again as it is,
//          the next run asks Snowflake first. counts_differ: read, staged and loaded do not agree; do not trust the table.
//          ExportError: duplicates: rows would be put a second time; shrink: a form, or half of the study, would go; nothing was
//          written in either case.
// Limits:  one COPY takes at most 1,000 files; more go through a temporary table. One record's text is at most 16 MiB.
// Source:  the Snowflake export guide; ADR 0005, 0006, 0012.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "imednet/integrations/layout.h"
#include "imednet/integrations/sink_base.h"
#include "imednet/sdk.h"
#include "imednet/secret.h"

namespace imednet::integrations {

// How the rows of a study meet the rows that are there.
enum class WriteMode {
  automatic,  // the table mirrors the API: COPY into it for a new study, nothing when nothing changed, else as merge
  merge,      // rows are inserted or updated by study and record id; records that vanished are marked in _DELETED_AT
  replace,    // the study's rows become exactly the API's, in one transaction; other studies are not touched
  append,     // the guide's literal COPY, guarded against doubles
};

// Where a file lies on the stage.
enum class StageLayout {
  by_content,  // @STAGE/<prefix>/<hash>/<file>: other rows never take a file's place
  flat,        // @STAGE/<prefix>/<file>: the guide's literal path
};

// How the user proves who it is; docs/sign-in.md tells when to use which.
enum class SignIn {
  automatic,          // key_pair when a key is given, else access_token when a token is, else mfa with a passcode, else password
  password,           // refused by Snowflake for users of type SERVICE
  mfa,                // password and a passcode, or a push to the user's phone when no passcode is given
  key_pair,           // private_key or private_key_file
  access_token,       // a programmatic access token in token or token_file
  oauth,              // an OAuth access token in token or token_file
  external_browser,   // a browser on this machine
  workload_identity,  // what the cloud says this machine is; needs workload_identity_provider
};

// What the export is doing now; given to SnowflakeSinkConfig::on_progress, on the exporting thread, at most ~10 times a second.
struct ExportProgress {
  std::string_view step;  // "reading", "reading again", "uploading", "loading", "verifying" and others; for people, may grow
  std::int64_t rows = 0, rows_expected = 0, pages = 0, bytes_read = 0, files = 0, files_done = 0;  // so far; docs/export-snowflake.md
};

// Settings. The first fields stand in the guide's order, so that its example compiles as designated initialisers.
struct SnowflakeSinkConfig {
  std::string account{};                                     // "myorg-myaccount"; required
  std::string user{};                                        // required
  Secret password{};                                         // required for sign-in by password
  std::string database{};                                    // an identifier as in SQL: folded to upper case unless "quoted"; required
  std::string schema = "PUBLIC";                             // an identifier as database
  std::string warehouse{};                                   // required
  std::string stage{};                                       // an internal named stage, one to three dotted parts; required
  std::string table{};                                       // one to three dotted parts; required
  std::string stage_prefix = "imednet";                      // directory on the stage; leading and trailing '/' do not matter
  std::size_t batch_size = 50'000;                           // rows a file; changing it changes files, not the table
  int connections = 0;                                       // pages asked for at the same time at most; 0: as many as pay, up to 3
  int uploads = 0;                                           // files PUT at the same time at most; 0: as many as pay, up to 8
  int max_retries = 3;                                       // after the first attempt, for each request and each batch
  std::chrono::milliseconds retry_backoff{1000};             // attempt n (from 0) waits retry_backoff * 2^n
  bool idempotent = true;                                    // COPY's FORCE = FALSE; false is --force-reload
  std::optional<std::filesystem::path> local_staging_dir{};  // kept; unset: a temporary directory, removed on every way out
  std::optional<std::filesystem::path> manifest_path{};      // JSON lines, one a loaded batch; appended to

  std::string role{};                                       // unset: the user's default role
  SignIn sign_in = SignIn::automatic;                       // which of the secrets here counts
  Secret private_key{};                                     // PKCS#8 or PKCS#1 as PEM text; line ends may be written as \n
  std::optional<std::filesystem::path> private_key_file{};  // the same as a file, PEM or DER; read again at each connect
  Secret private_key_passphrase{};                          // for an encrypted key; never leaves this process
  Secret token{};                                           // programmatic access token or OAuth token
  std::optional<std::filesystem::path> token_file{};        // a file that holds the token; read again at each connect
  Secret passcode{};                                        // mfa: the code from the user's phone
  std::string workload_identity_provider{};                 // AWS, AZURE, GCP or OIDC (with a token)
  std::string host{}, protocol{};  // unset: SNOWFLAKE_HOST, SNOWFLAKE_PROTOCOL, else <account>.snowflakecomputing.com, https
  int port = 0;                    // 0: SNOWFLAKE_PORT, else the protocol's own
  std::optional<bool> ocsp{};      // ask whether certificates were revoked; unset: SNOWFLAKE_OCSP (on or off), else yes; no: loopback only
  std::string query_tag = "imednet";                   // first part of every statement's QUERY_TAG
  std::chrono::seconds login_timeout{30};              // for a sign-in, the driver's own tries included; 1 s or more
  std::chrono::seconds statement_timeout{0};           // Snowflake cancels a statement that takes longer; 0: as user and warehouse have it
  std::chrono::seconds queue_timeout{0};               // the same for waiting in the warehouse's queue; 0: as user and warehouse have it
  bool create_table = true;                            // make the table when it is missing
  LayoutChoice layout{};                               // one table of records, or of a whole study a typed one a form: <table>_<FORM KEY>
  WriteMode mode = WriteMode::automatic;               // of a whole study; write_batch is always literal
  StageLayout stage_layout = StageLayout::by_content;  // where files lie on the stage
  bool allow_duplicates = false;                       // append: load although rows stand twice then
  bool allow_shrink = false;                           // other modes: although a form, or half of the study, is gone
  bool freeze_schema = false;                          // stop when columns are missing, instead of adding them
  bool use_ledger = true;        // false: neither IMEDNET_LOADS nor a lease; load history and the table's own _FILE column must do
  std::string ledger_schema{};   // one or two dotted parts; unset: the table's own schema
  std::chrono::seconds wait{0};  // for another run of the same study and table; 0: it is an error at once
  std::string since{};           // read records changed since: "auto" the last verified run, or a UTC time 2026-01-31T12:00:00Z;
                                 // unset: read all. Modes automatic and merge only
  int sweep_every = 24;          // since "auto": after so many such runs all records are read once; 0: never for that reason
  bool sweep = false;            // read all records although `since` is set
  std::optional<std::filesystem::path> report_path{};        // a page (HTML) for people that says what the run did; replaced
  std::optional<std::filesystem::path> state_dir{};          // runs' state; unset: $XDG_STATE_HOME/imednet, else ~/.local/state/imednet
  std::string driver = "snowflake";                          // name or path for the ADBC driver manager
  std::stop_token stop{};                                    // ends the export: cancelled, everything temporary removed
  std::function<void(const ExportProgress&)> on_progress{};  // called on the exporting thread

  // The part that every sink has.
  SinkConfig sink_config() const;
};

// What became of one batch.
struct BatchReport {
  std::string batch_id, stage_path, content_hash, sha256;  // of this batch, as in the manifest
  std::string status;                                      // "loaded", "merged", "skipped" (was in), "adopted" (found in)
  std::int64_t rows = 0, rows_loaded = 0, bytes = 0, first_record_id = 0, last_record_id = 0;  // of this batch's file
  std::int64_t part = 1;  // of a form that is split: its table; rows of a further one are the records of the first, and not counted again
};

// Rows of one form, as three parties counted them.
struct FormReport {
  std::string form_key;                                             // empty: records that name no form
  std::int64_t rows_read = 0, rows_before = 0, rows_in_target = 0;  // from the API; live in the table before and after
};

// Time spent in one step of a run, over all its turns.
struct StepTime {
  std::string step;    // as in ExportProgress
  double seconds = 0;  // wall time
};

// How the answers to one variable fared in the `forms` layout.
struct VariableReport {
  std::string form_key, variable, table, column, type;  // table: empty in a folder; type: text, number, flag, date, datetime
  std::int64_t answered = 0;                            // answers that are neither missing nor null nor empty
  std::int64_t misfits = 0;                             // of these: no value of the type; null in the typed column, kept as sent
  std::int64_t exact = 0;  // of these: typed, and kept as sent besides, since the column alone does not give it back
};

// Everything that was counted. Shape of the JSON form: docs/export-snowflake.md.
struct ExportReport {
  std::string study, run_id, mode, table, started_at, finished_at;  // stamps in UTC, to the second
  std::string destination = "snowflake";                            // or duckdb, sqlite, postgresql, parquet
  std::string method;                                               // what the mode came to: nothing, copy, merge, replace, append
  std::int64_t rows_expected = 0;                                   // what the API said it holds, asked after reading
  std::int64_t rows_read = 0;                                       // records that arrived
  std::int64_t rows_staged = 0;                                     // rows in the files' footers
  std::int64_t rows_loaded = 0;                                     // rows_inserted + rows_updated
  std::int64_t rows_skipped = 0;                                    // rows of files that were in already
  std::int64_t rows_inserted = 0, rows_updated = 0;                 // rows Snowflake says it wrote in this run
  std::int64_t rows_unchanged = 0;                                  // rows of loaded files that stood in the table as they are
  std::int64_t rows_twice = 0;                                      // rows left out since a newer one of the same record was there
  std::int64_t rows_vanished = 0;                                   // rows marked deleted: the API has no such record any more
  std::int64_t rows_in_target = 0;                                  // the study's live rows in the table afterwards
  std::int64_t files = 0, batches = 0, bytes_staged = 0, bytes_read = 0, pages = 0, requests = 0,
               rereads = 0;                             // rereads: after the first reading
  std::int64_t unreadable_stamps = 0, raw_records = 0;  // stamps that became null; records kept as text in RECORD_DATA_RAW
  std::string paging;                                   // "keyset", or "offset" when the API ignored a filter
  std::string since;                                    // only records changed at or after this UTC time were read; empty: all
  std::int64_t rows_in_api = 0;                         // with since: all records of the study that the API holds, asked after reading
  std::string unchanged_since_run;                      // the run whose verified result still stands: no warehouse was used
  double seconds = 0;                                   // of the whole run
  std::int64_t retries = 0;                             // further tries of requests to the API and of steps in Snowflake
  std::vector<StepTime> steps;                          // in the order in which they began
  bool reconciled = false;                              // every term above was counted and agrees
  std::vector<BatchReport> batch_reports;               // one a batch, in order
  std::vector<FormReport> forms;                        // by form key
  std::string layout = "records";                       // or forms
  std::int64_t rows_left_out = 0;                       // records read that are not of the forms and sites that were chosen
  std::string blinded;                                  // layout forms, where a variable is marked so: "left out" or "included"
  std::vector<VariableReport> variables;                // layout forms: one a column that answers go to
  std::vector<std::string> views;                       // layout records: the typed views that stand over the table, as <schema>.<name>
  std::vector<std::string> warnings, cleanup;           // cleanup: statements that would remove this run's files from the stage
};

// The sink itself, for control of each batch: one file, one PUT, one COPY; all of it is counted before write_batch returns.
// `mode`, `allow_duplicates` and `allow_shrink` do not apply.
class SnowflakeExportSink final : public StagedSink {
 public:
  // Signs in and checks warehouse, database, schema and stage; writes nothing. Throws ExportConfigurationError.
  explicit SnowflakeExportSink(SnowflakeSinkConfig config);
};

// Exports a whole study and returns the rows loaded: 0 when nothing was new.
RowCount export_to_snowflake(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config);

// The same, with everything that was counted.
ExportReport export_to_snowflake_with_report(const ImednetSDK& sdk, std::string_view study_key, const SnowflakeSinkConfig& config);

// A finished export as one JSON object (the command's --output json).
std::string to_json(const ExportReport& report, int exit_code);

}  // namespace imednet::integrations
