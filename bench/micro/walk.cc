// walk.cc: reads the records of a study by the library: what a list costs that nobody prints.
//
// Prints how many records there are and this program's peak memory in kB, which is too small to be seen from outside.
#include <cstdint>
#include <exception>
#include <fstream>
#include <iostream>
#include <limits>
#include <string>

#include "imednet/sdk.h"

namespace {

long peak_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes;
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return std::cerr << "usage: imednet-walk STUDY\n", 2;
  try {
    std::int64_t records = 0;
    for (const imednet::Record& record : imednet::ImednetSDK().records().list(arguments[1])) records += record.record_id != 0 ? 1 : 0;
    std::cout << records << ' ' << peak_kb() << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "imednet-walk: " << error.what() << '\n';
    return 1;
  }
}
