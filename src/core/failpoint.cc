// failpoint.cc: an object of its own, so that a test program can link another one in its place.
#include "core/failpoint.h"

namespace imednet::core {

int failpoint(Failpoint /*point*/, std::string_view /*what*/) noexcept { return 0; }

}  // namespace imednet::core
