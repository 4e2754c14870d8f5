// connection.h: the connection of a request that is being answered.
#pragma once

#include <httplib.h>

namespace imednet::sandbox::store {

// Ends it, so that not a byte of an answer arrives.
void end_connection(const httplib::Request& request);

}  // namespace imednet::sandbox::store
