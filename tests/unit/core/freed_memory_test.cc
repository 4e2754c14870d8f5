// Looks at every block of memory at the moment it is given back: none may still hold a watched secret.
#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <string_view>

#include "core/environment.h"
#include "imednet/secret.h"
#include "unit/folder.h"
#include "unit/variables.h"

namespace {

constexpr std::string_view kWatched = "watched-canary-0123456789-that-fills-a-block-of-its-own";  // made up
constexpr std::string_view kTail = kWatched.substr(1);  // emptying a string overwrites its first byte, which is no wiping
std::atomic<bool> is_watching{false};
std::atomic<int> found{0};

void give_back(void* block) noexcept {
  if (is_watching && block != nullptr &&
      std::string_view(static_cast<const char*>(block), malloc_usable_size(block)).find(kTail) != std::string_view::npos) {
    ++found;
  }
  std::free(block);
}

}  // namespace

void* operator new(std::size_t size) {
  if (void* block = std::calloc(1, size == 0 ? 1 : size)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { give_back(block); }
void operator delete(void* block, std::size_t) noexcept { give_back(block); }

namespace imednet {
namespace {

template <class Call>
int freed_while(Call call) {
  found = 0;
  is_watching = true;
  call();
  is_watching = false;
  return found;
}

std::string watched() { return std::string(kWatched); }

TEST(FreedMemory, TheWatchSeesAPlainStringGo) {
  EXPECT_EQ(freed_while([] { const std::string careless = watched(); }), 1);
}

TEST(FreedMemory, ASecretLeavesNothingBehind) {
  EXPECT_EQ(freed_while([] { const Secret secret(kWatched.data()); }), 0);
  EXPECT_EQ(freed_while([] { const Secret secret(watched()); }), 0) << "the text it was made from";
  EXPECT_EQ(freed_while([] {
              const Secret first(kWatched.data());
              const Secret second = first;
            }),
            0)
      << "a copy";
  EXPECT_EQ(freed_while([] {
              Secret first(kWatched.data());
              Secret second(std::move(first));
              Secret third;
              third = std::move(second);
              third = Secret("short");
            }),
            0)
      << "moves and an overwrite";
  EXPECT_EQ(freed_while([] {
              Secret secret(kWatched.data());
              const Secret longer(std::string(1000, 'x'));
              secret = longer;  // needs a larger block, so the old one goes
            }),
            0)
      << "a longer value";
}

TEST(FreedMemory, ASecretOfTheEnvironmentLeavesNothingBehind) {
  Variables variables;
  variables.set("IMEDNET_TEST_SECRET", "  " + watched() + "\n");
  variables.unset("IMEDNET_TEST_SECRET_FILE");
  EXPECT_EQ(freed_while([] { ASSERT_EQ(core::secret_environment("IMEDNET_TEST_SECRET").reveal().size(), kWatched.size()); }), 0);
}

class FreedMemoryOfFiles : public FolderTest {};

TEST_F(FreedMemoryOfFiles, ASecretFileLeavesNothingBehind) {
  put(root / "secret", watched() + "\n");
  put(root / "large", watched() + std::string(70'000, 'x'));
  Variables variables;
  variables.unset("IMEDNET_TEST_SECRET");
  variables.set("IMEDNET_TEST_SECRET_FILE", (root / "secret").string());
  EXPECT_EQ(freed_while([] { ASSERT_EQ(core::secret_environment("IMEDNET_TEST_SECRET").reveal().size(), kWatched.size()); }), 0);
  variables.set("IMEDNET_TEST_SECRET_FILE", (root / "large").string());
  EXPECT_EQ(freed_while([] { EXPECT_ANY_THROW(core::secret_environment("IMEDNET_TEST_SECRET")); }), 0) << "a file that is refused";
}

}  // namespace
}  // namespace imednet
