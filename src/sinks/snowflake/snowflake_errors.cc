#include "sinks/snowflake/snowflake_errors.h"

#include <algorithm>
#include <array>
#include <string>

namespace imednet::sinks::snowflake {
namespace {

using errors::ErrorCode;
using errors::RetryClass;

struct CodeRow {
  std::string_view vendor_code;
  ErrorCode code;
  RetryClass retry;
  std::string_view hint;
};

constexpr std::string_view kSignInHint = "";  // depends on the kind of sign-in: sign_in.h
constexpr std::string_view kMissingHint = "check the name, and that the role in use was granted it";
constexpr std::string_view kAccountHint = "check the account name, as in <organisation>-<account>";

constexpr std::array kCodeTable = {
    CodeRow{"390100", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390101", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390102", ErrorCode::unauthenticated, RetryClass::never, "the user is locked; ask an administrator"},
    CodeRow{"390127", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390129", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390139", ErrorCode::unauthenticated, RetryClass::never,
            "the account or user does not allow this kind of sign-in; ask an administrator, or give another --authenticator"},
    CodeRow{"390144", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390189", ErrorCode::permission_denied, RetryClass::never, "check --role: it does not exist or was not granted to the user"},
    CodeRow{"390195", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390201", ErrorCode::not_found, RetryClass::never, kMissingHint},
    CodeRow{"390303", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390318", ErrorCode::unauthenticated, RetryClass::never, "the OAuth token has expired; get a fresh one"},
    CodeRow{"394508", ErrorCode::unauthenticated, RetryClass::never,
            "this user signs in with a second factor: give the code of the authenticator app with --passcode"},
    CodeRow{"394400", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"390104", ErrorCode::unavailable, RetryClass::reconcile, "the session ended; run again"},
    CodeRow{"390111", ErrorCode::unavailable, RetryClass::reconcile, "the session ended; run again"},
    CodeRow{"390112", ErrorCode::unavailable, RetryClass::reconcile, "the session expired; run again"},
    CodeRow{"390114", ErrorCode::unavailable, RetryClass::reconcile, "the sign-in expired; run again"},
    CodeRow{"250001", ErrorCode::unauthenticated, RetryClass::never, kSignInHint},
    CodeRow{"260000", ErrorCode::unauthenticated, RetryClass::never, kAccountHint},
    CodeRow{"260008", ErrorCode::unauthenticated, RetryClass::never, kAccountHint},
    CodeRow{"261004", ErrorCode::unavailable, RetryClass::backoff, "check the network, the proxy and the host name"},
    CodeRow{"264006", ErrorCode::io, RetryClass::never, "the staged file vanished or its folder can't be read"},
    CodeRow{"002003", ErrorCode::not_found, RetryClass::never, kMissingHint},
    CodeRow{"002043", ErrorCode::not_found, RetryClass::never, kMissingHint},
    CodeRow{"002141", ErrorCode::not_found, RetryClass::never, kMissingHint},
    CodeRow{"003001", ErrorCode::permission_denied, RetryClass::never, "ask for the privilege; see the grants in docs/export-snowflake.md"},
    CodeRow{"003041", ErrorCode::permission_denied, RetryClass::never, "ask for the privilege; see the grants in docs/export-snowflake.md"},
    CodeRow{"100072", ErrorCode::rejected, RetryClass::never,
            "a column of the table must not be null and the records have no value: drop its NOT NULL, or use another table"},
    CodeRow{"000606", ErrorCode::not_found, RetryClass::never, "name a warehouse that exists and is granted to the role"},
    CodeRow{"000608", ErrorCode::unavailable, RetryClass::backoff,
            "the warehouse is suspended and may not resume by itself; ask for OPERATE on it"},
    CodeRow{"000604", ErrorCode::unavailable, RetryClass::reconcile, "somebody cancelled the statement; run again"},
    CodeRow{"000625", ErrorCode::unavailable, RetryClass::backoff, "too many statements wait for the table; run again later"},
    CodeRow{"000630", ErrorCode::timeout, RetryClass::reconcile,
            "raise STATEMENT_TIMEOUT_IN_SECONDS for this run (--statement-timeout), the user or the warehouse"},
};

// The driver calls every number it does not know a failure of input and output. SQLSTATE says more: data that can't be read
// (22), a constraint (23), a statement that can't be understood or may not be run (42) fail again the same way.
bool is_refusal(const errors::Origin& origin) {
  const std::string_view type = std::string_view(origin.sql_state).substr(0, 2);
  return !origin.vendor_code.empty() && (type == "22" || type == "23" || type == "42");
}

}  // namespace

errors::ErrorDetail judge(const ImednetError& error) {
  errors::ErrorDetail detail = error.detail();
  const auto row =
      std::find_if(kCodeTable.begin(), kCodeTable.end(), [&](const CodeRow& r) { return r.vendor_code == detail.origin.vendor_code; });
  if (row != kCodeTable.end()) {
    detail.code = row->code;
    detail.retry = row->retry;
    if (detail.hint.empty()) detail.hint = row->hint;
  } else if (is_refusal(detail.origin)) {
    detail.code = ErrorCode::rejected;
    detail.retry = RetryClass::never;
  }
  if (!detail.origin.vendor_code.empty()) detail.origin.system = "snowflake";
  return detail;
}

bool is_session_lost(const ImednetError& error) {
  const std::string& code = error.origin().vendor_code;
  return code == "390104" || code == "390111" || code == "390112" || code == "390114";
}

}  // namespace imednet::sinks::snowflake
