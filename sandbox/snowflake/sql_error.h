#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace imednet::sandbox::snowflake {

// An answer "success: false": code and SQLSTATE as Snowflake's own clients expect them.
class SqlError : public std::runtime_error {
 public:
  SqlError(std::string code, std::string sql_state, const std::string& message)
      : std::runtime_error(message), code_(std::move(code)), sql_state_(std::move(sql_state)) {}

  const std::string& code() const { return code_; }
  const std::string& sql_state() const { return sql_state_; }

 private:
  std::string code_;
  std::string sql_state_;
};

inline SqlError syntax_error(const std::string& detail) { return SqlError("001003", "42000", "SQL compilation error:\n" + detail); }

inline SqlError missing_object(const std::string& kind, const std::string& name) {
  return SqlError("002003", "42S02", "SQL compilation error:\n" + kind + " '" + name + "' does not exist or not authorized.");
}

inline SqlError object_exists(const std::string& name) {
  return SqlError("002002", "42710", "SQL compilation error:\nObject '" + name + "' already exists.");
}

// Snowflake has it, this server does not.
inline SqlError unsupported(const std::string& what) {
  return SqlError("000002", "0A000", "Unsupported feature '" + what + "' (of this server).");
}

inline SqlError invalid_value(const std::string& detail) { return SqlError("001008", "22023", "SQL compilation error:\n" + detail); }

}  // namespace imednet::sandbox::snowflake
