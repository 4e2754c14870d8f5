// One libFuzzer program a target: IMEDNET_FUZZ_TARGET is the function that gives it.
#include <cstddef>
#include <cstdint>
#include <random>

#include "fuzz/target.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

namespace {
const imednet::fuzz::Target& target() {
  static const imednet::fuzz::Target one = imednet::fuzz::IMEDNET_FUZZ_TARGET();
  return one;
}
}  // namespace

// What is thrown ends the program: libFuzzer keeps the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target().run({reinterpret_cast<const char*>(data), size});
  return 0;
}

// Every third time a piece that means something is put in, else libFuzzer does as it likes.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
  std::minstd_rand random(seed);
  if (random() % 3 != 0) return LLVMFuzzerMutate(data, size, most);
  const auto& pieces = random() % 3 == 0 ? imednet::fuzz::common_fragments() : target().fragments;
  std::string text(reinterpret_cast<const char*>(data), size);
  text.insert(random() % (size + 1), pieces[random() % pieces.size()]);
  return text.copy(reinterpret_cast<char*>(data), most);
}
