#include "core/secret_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "imednet/errors.h"
#include "unit/folder.h"

namespace imednet::core {
namespace {

using testing::HasSubstr;

class SecretFileTest : public FolderTest {
 protected:
  std::filesystem::path pipe() const {
    EXPECT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
    return root / "pipe";
  }
  static std::string refusal(const std::filesystem::path& file) {
    try {
      read_key_file(file, "token");
    } catch (const errors::ExportConfigurationError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::config);
      EXPECT_THAT(error.hint(), HasSubstr("ls -l " + file.string()));
      return error.what();
    }
    return "nothing was thrown";
  }
};

TEST_F(SecretFileTest, EveryByteIsKept) {
  const std::string bytes("\n made-up \0\xFF\r\n", 13);
  put(root / "key", bytes);
  EXPECT_EQ(read_secret_bytes(root / "key").bytes.reveal(), bytes);
  EXPECT_EQ(read_key_file(root / "key", "private key").reveal(), bytes);
}

TEST_F(SecretFileTest, TheLargestIs64KiB) {
  put(root / "key", std::string(65'536, 'k'));
  EXPECT_EQ(read_secret_bytes(root / "key").bytes.reveal().size(), 65'536u);
  put(root / "key", std::string(65'537, 'k'));
  const SecretFile large = read_secret_bytes(root / "key");
  EXPECT_EQ(large.cause, "it is too large");
  EXPECT_TRUE(large.bytes.empty());
}

TEST_F(SecretFileTest, APipeThatNobodyWritesToIsEmptyAtOnce) {
  const SecretFile read = read_secret_bytes(pipe());
  EXPECT_EQ(read.cause, "");
  EXPECT_TRUE(read.bytes.empty());
}

// The pipe is narrower than the secret, so the last byte is written only once a reader is there and has read.
TEST_F(SecretFileTest, APipeIsReadToItsEndHoweverSlowItsWriterIs) {
  const auto path = pipe();
  const int writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  ASSERT_EQ(::fcntl(writer, F_SETPIPE_SZ, 4096), 4096);
  const std::string secret = std::string(9'000, 'm') + "ade-up";
  SecretFile read;
  std::thread reader([&] { read = read_secret_bytes(path); });
  EXPECT_EQ(::write(writer, secret.data(), secret.size()), static_cast<ssize_t>(secret.size()));
  ::close(writer);
  reader.join();
  EXPECT_EQ(read.cause, "");
  EXPECT_EQ(read.bytes.reveal(), secret);
}

TEST_F(SecretFileTest, ASilentWriterIsNotWaitedForWithoutEnd) {
  const auto path = pipe();
  const int writer = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(writer, 0);
  EXPECT_EQ(read_secret_bytes(path, std::chrono::milliseconds(0)).cause, "its writer sends nothing");
  ::close(writer);
}

TEST_F(SecretFileTest, AFileThatCanNotBeReadIsNamed) {
  EXPECT_EQ(refusal(root / "missing"), "cannot read the token in " + (root / "missing").string() + ": No such file or directory");
  EXPECT_THAT(refusal(root), HasSubstr("Is a directory"));
  put(root / "empty", "");
  EXPECT_THAT(refusal(root / "empty"), HasSubstr("it is empty"));
}

}  // namespace
}  // namespace imednet::core
