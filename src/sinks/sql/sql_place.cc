#include "sinks/sql/sql_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "db/shipped_driver.h"
#include "imednet/errors.h"
#include "sinks/sql/table_name.h"
#include "table/column_names.h"

namespace imednet::sinks::sql {
namespace {

namespace fs = std::filesystem;
using errors::ErrorCode;
using errors::ExportConfigurationError;

constexpr std::string_view kForms = "give sqlite:///relative.db, sqlite:////absolute.db or postgresql://user@host:port/database";

[[noreturn]] void refuse(ErrorCode code, const std::string& cause, std::string hint) {
  throw ExportConfigurationError(fmt::format("cannot use that database: {}", cause), {.code = code, .hint = std::move(hint)});
}

SqlPlace place_of(Engine engine, std::string_view driver) {
  const Dialect& dialect = dialect_of(engine);
  SqlPlace place{.dialect = &dialect, .driver = {std::string(driver.empty() ? dialect.driver : driver), db::shipped_driver_directory()}};
  for (const std::string_view warehouse : {"snowflake", "duckdb"}) {  // said by its name before it opens anything
    if (dialect.system != warehouse && table::folded(driver).find(warehouse) != std::string::npos) refuse_vendor(warehouse);
  }
  if (!dialect.entrypoint.empty()) place.options.emplace_back("entrypoint", dialect.entrypoint);
  return place;
}

// The file as an absolute path; it may be missing, its folder may not.
std::string file_of(const fs::path& file, const Dialect& dialect) {
  std::error_code error;
  const fs::path absolute = fs::weakly_canonical(fs::absolute(file), error);
  if (error || !absolute.has_filename())
    refuse(ErrorCode::invalid_argument, fmt::format("the file {} can't be", file.string()), "name a file");
  if (!fs::is_directory(absolute.parent_path(), error))
    refuse(ErrorCode::config, fmt::format("the folder of {} does not exist", absolute.string()), "make it first");
  if (fs::exists(absolute, error) && !fs::is_regular_file(absolute, error))
    refuse(ErrorCode::config, fmt::format("{} is no file", absolute.string()),
           fmt::format("name the file of a {} database, or a new one", dialect.title));
  return absolute.string();
}

SqlPlace place_of_file(Engine engine, const fs::path& file, std::string_view option, std::string_view driver) {
  SqlPlace place = place_of(engine, driver);
  const std::string path = file_of(file, *place.dialect);
  place.options.emplace_back(option, path);
  place.name = fmt::format("{}:{}", place.dialect->system, path);
  place.file = path;
  return place;
}

SqlPlace place_of_sqlite(std::string_view rest, std::string_view driver) {
  if (!rest.starts_with('/')) refuse(ErrorCode::invalid_argument, "an SQLite address has no host", std::string(kForms));
  rest.remove_prefix(1);
  if (rest.empty() || rest == ":memory:")
    refuse(ErrorCode::invalid_argument, "nothing would be left of a database in memory", std::string(kForms));
  if (rest.find('?') != std::string_view::npos)
    refuse(ErrorCode::unsupported, "options behind an SQLite file are not known here", std::string(kForms));
  return place_of_file(Engine::sqlite, fs::path(rest), "uri", driver);
}

SqlPlace place_of_postgresql(std::string_view rest, std::string_view driver) {
  SqlPlace place = place_of(Engine::postgresql, driver);
  place.options.emplace_back("uri", fmt::format("postgresql://{}", rest));
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    if (const std::size_t colon = user.find(':'); colon != std::string_view::npos) place.secret = user.substr(colon + 1);
    rest.remove_prefix(at + 1);
  }
  place.name = fmt::format("postgresql://{}", rest.substr(0, rest.find('?')));
  return place;
}

}  // namespace

void refuse_vendor(std::string_view vendor) {
  const std::string name = table::folded(vendor);
  if (name == "snowflake") {
    refuse(ErrorCode::unsupported, "it is Snowflake, a warehouse: rows go there as staged files", "use: imednet export snowflake …");
  }
  if (name == "duckdb")
    refuse(ErrorCode::unsupported, "it is DuckDB, which has a command of its own", "use: imednet export duckdb STUDY TABLE PATH");
  refuse(ErrorCode::unsupported,
         fmt::format("its driver is for {}, which is not one of SQLite and PostgreSQL", vendor.empty() ? "nobody knows what" : vendor),
         std::string(kForms));
}

bool SqlPlace::is_new() const {
  std::error_code error;
  return !file.empty() && !fs::exists(file, error);
}

SqlPlace place_of_duckdb(const fs::path& file, std::string_view driver) {
  if (file.empty() || file == ":memory:")
    refuse(ErrorCode::invalid_argument, "nothing would be left of a database in memory", "name a file, for example study.duckdb");
  SqlPlace place = place_of_file(Engine::duckdb, file, "path", driver);
  place.options.emplace_back("autoinstall_known_extensions", "false");  // a file of another kind would have it fetch one from the network
  return place;
}

SqlPlace for_reading(SqlPlace place) {
  place.is_only_read = true;
  if (place.dialect->engine == Engine::duckdb) place.options.emplace_back("access_mode", "READ_ONLY");
  return place;
}

SqlPlace place_of_address(const Secret& address, std::string_view driver) {
  const std::string_view text = address.reveal();
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) refuse(ErrorCode::invalid_argument, "an address has a scheme and ://", std::string(kForms));
  const std::string scheme = table::folded(text.substr(0, std::min(end, text.find('+'))));
  const std::string_view rest = text.substr(end + 3);
  if (scheme == "sqlite") return place_of_sqlite(rest, driver);
  if (scheme == "postgresql" || scheme == "postgres") return place_of_postgresql(rest, driver);
  if (scheme == "snowflake" || scheme == "duckdb") refuse_vendor(scheme);
  refuse(ErrorCode::unsupported, "its scheme is none of sqlite and postgresql", std::string(kForms));
}

}  // namespace imednet::sinks::sql
