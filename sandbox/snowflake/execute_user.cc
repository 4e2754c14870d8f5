// ALTER USER for keys, DESCRIBE USER.
#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

constexpr const char* kKeyProperties[] = {"RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"};

size_t key_slot(Translator& sql) {
  const std::string name = sql.identifier();
  for (size_t slot = 0; slot < std::size(kKeyProperties); ++slot) {
    if (name == kKeyProperties[slot]) return slot;
  }
  throw syntax_error("the sandbox knows RSA_PUBLIC_KEY and RSA_PUBLIC_KEY_2 of a user, not " + display_identifier(name));
}

}  // namespace

void Executor::require_the_user(const std::string& name) const {
  if (name != to_upper(state_.options.user)) throw missing_object("User", display_identifier(name));
}

StatementResult Executor::alter_user(Translator& sql) {
  if (sql.accept_word("IF")) sql.expect_word("EXISTS");
  require_the_user(sql.identifier());
  const bool unset = sql.accept_word("UNSET");
  if (!unset) sql.expect_word("SET");
  do {
    const size_t slot = key_slot(sql);
    if (unset) {
      state_.credentials.unset_public_key(slot);
    } else {
      sql.expect_symbol("=");
      state_.credentials.set_public_key(slot, sql.string_literal());
    }
  } while (sql.accept_symbol(",") || sql.peek().kind != TokenKind::end);
  session_.commit();
  return status_result("Statement executed successfully.", statement_type::kDefinition);
}

StatementResult Executor::describe_user(Translator& sql) {
  require_the_user(sql.identifier());
  sql.expect_end();
  StatementResult out;
  out.type = statement_type::kDescribe;
  out.result.columns = {text_column("property"), text_column("value"), text_column("default"), text_column("description")};
  const std::string user = to_upper(state_.options.user);
  out.result.rows = {{"NAME", user, "null", "Name"}, {"LOGIN_NAME", user, "null", "Login name of the user"}};
  for (size_t slot = 0; slot < std::size(kKeyProperties); ++slot) {
    const auto registered = state_.credentials.public_key(slot);
    const std::string property = kKeyProperties[slot];
    out.result.rows.push_back(
        {property + "_FP", registered ? registered->key.fingerprint() : "null", "null", "Fingerprint of user's RSA public key."});
    out.result.rows.push_back({property + "_LAST_SET_TIME", registered ? timestamp_cell(registered->set_us) : "null", "null",
                               "The timestamp at which the user's RSA public key was last set."});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
