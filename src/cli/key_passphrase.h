// key_passphrase.h: the passphrase of an encrypted private key, asked for where a person sits.
#pragma once

#include "imednet/integrations/warehouse.h"

namespace imednet::cli {

// Asks on the terminal, without echo, when sign-in is by an encrypted key whose passphrase nothing gave. Without a terminal
// the passphrase stays missing, and reading the key says what to set.
void ask_for_passphrase(integrations::SnowflakeSinkConfig& config);

}  // namespace imednet::cli
