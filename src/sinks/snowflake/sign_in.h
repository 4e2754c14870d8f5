// sign_in.h: how the user proves who it is: from the settings to the driver's options.
//
// Where it stands: SnowflakeSinkConfig → this → session.cc.
// Source:  docs/sign-in.md; ADR 0018 (keys are decrypted here, the driver gets them open).
// Secrets: a passphrase is in no option. SignInOptions wipes its values when it goes; the driver keeps copies of its own.
#pragma once

#include <string>
#include <vector>

#include "db/adbc.h"
#include "imednet/errors.h"
#include "imednet/integrations/warehouse.h"

namespace imednet::sinks::snowflake {

// What the settings come to: never `automatic`.
integrations::SignIn kind_of(const integrations::SnowflakeSinkConfig& config);

// Judged before anyone signs in. Throws ExportConfigurationError (config): a secret that the kind needs is missing, one is
// given twice, or OCSP is off for a host that is not this machine.
void check_sign_in(const integrations::SnowflakeSinkConfig& config);

// What the driver is told. Reads key and token files, so they may change between two calls. Throws as private_key.h does.
struct SignInOptions {
  db::Options options;
  std::string address_query;  // for the driver's address: what it takes in no other way
  std::string fingerprint;    // of the public key, for key_pair

  SignInOptions() = default;
  SignInOptions(const SignInOptions&) = delete;
  SignInOptions& operator=(const SignInOptions&) = delete;
  ~SignInOptions();
};
void fill(SignInOptions& sign_in, const integrations::SnowflakeSinkConfig& config);

// What the report should warn of; reaches nobody over the network.
std::vector<std::string> sign_in_warnings(const integrations::SnowflakeSinkConfig& config);

// Does somebody else vouch for the user (a browser, the cloud), whom the driver asks first?
bool signs_in_through_others(const integrations::SnowflakeSinkConfig& config);

// What to try when Snowflake refuses a sign-in of that kind.
std::string refused_hint(const integrations::SnowflakeSinkConfig& config, const std::string& fingerprint);

}  // namespace imednet::sinks::snowflake
