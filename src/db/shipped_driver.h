// shipped_driver.h: where the driver lies that was installed with the program or the library.
#pragma once

#include <string>

namespace imednet::db {

// ../lib/imednet/drivers seen from the program; for a program of somebody else, drivers/ beside the libarrow that came with the
// library. The first of the two where neither is there.
std::string shipped_driver_directory();

}  // namespace imednet::db
