#include "sinks/snowflake/private_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>

#include "core/digest.h"
#include "unit/folder.h"
#include "unit/sinks/made_up_keys.h"

namespace imednet::sinks::snowflake {
namespace {

using errors::ExportConfigurationError;
using integrations::SnowflakeSinkConfig;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kPassphrase = "made-up passphrase";

// Base64 by hand: the code under test uses OpenSSL's.
std::string base64(const core::Sha256Bytes& bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const unsigned char byte : bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 6; held -= 6) out += kDigits[(bits >> (held - 6)) & 63];
  }
  if (held > 0) out += kDigits[(bits << (6 - held)) & 63];
  while (out.size() % 4 != 0) out += '=';
  return out;
}

class PrivateKeyTest : public FolderTest {
 protected:
  // One for all tests: making one takes its time.
  static EVP_PKEY* key() {
    static const MadeUpKey made = rsa_key(2048);
    return made.get();
  }
  static std::string fingerprint() {
    core::Sha256 digest;
    digest.update(public_der(key()));
    return "SHA256:" + base64(digest.finish());
  }
  SnowflakeSinkConfig file_with(const std::string& bytes, const std::string& passphrase = "") const {
    put(root / "rsa key.p8", bytes);
    return {.private_key_file = root / "rsa key.p8", .private_key_passphrase = passphrase};
  }
  static SnowflakeSinkConfig text_of(const std::string& text, const std::string& passphrase = "") {
    return {.private_key = text, .private_key_passphrase = passphrase};
  }
  static void expect_read(const SnowflakeSinkConfig& config) {
    const PrivateKey read = read_private_key(config);
    EXPECT_EQ(read.pkcs8_pem.reveal(), pkcs8_pem(key()));
    EXPECT_EQ(read.fingerprint, fingerprint());
  }
  // What was refused, and that neither key nor passphrase is in the words.
  static void expect_refused(const SnowflakeSinkConfig& config, const std::string& cause, const std::string& fix) {
    try {
      read_private_key(config);
      ADD_FAILURE() << "no error about " << cause;
    } catch (const ExportConfigurationError& error) {
      EXPECT_EQ(error.code(), errors::ErrorCode::config);
      EXPECT_THAT(error.what(), HasSubstr(cause));
      EXPECT_THAT(error.hint(), HasSubstr(fix));
      for (const std::string& text : {std::string(error.what()), error.hint()}) {
        EXPECT_THAT(text, AllOf(Not(HasSubstr(kPassphrase)), Not(HasSubstr("another passphrase")), Not(HasSubstr("MII"))));
      }
    }
  }
};

TEST_F(PrivateKeyTest, EveryFormGivesTheSameKeyAndFingerprint) {
  expect_read(file_with(pkcs8_pem(key())));
  expect_read(file_with(pkcs8_pem(key(), kPassphrase), kPassphrase));
  expect_read(file_with(pkcs8_der(key())));
  expect_read(file_with(pkcs8_der(key(), kPassphrase), kPassphrase));
  expect_read(file_with(pkcs1_pem(key())));
  expect_read(file_with(pkcs1_pem(key(), kPassphrase), kPassphrase));
  expect_read(file_with(pkcs1_der(key())));
  expect_read(text_of(pkcs8_pem(key())));
  expect_read(text_of(pkcs1_pem(key(), kPassphrase), kPassphrase));
}

TEST_F(PrivateKeyTest, APassphraseThatIsNotNeededDoesNotMatter) { expect_read(file_with(pkcs8_pem(key()), kPassphrase)); }

std::string with_line_ends(const std::string& text, const std::string& line_end) {
  std::string out;
  for (const char c : text) out += c == '\n' ? line_end : std::string(1, c);
  return out;
}

TEST_F(PrivateKeyTest, LineEndsOfWindowsAndOfVariablesAreUndone) {
  for (const std::string& pem : {pkcs8_pem(key()), pkcs1_pem(key())}) {
    expect_read(file_with(with_line_ends(pem, "\r\n")));
    expect_read(text_of(with_line_ends(pem, "\\n")));
    expect_read(text_of(with_line_ends(pem, "\\r\\n")));
    expect_read(text_of("\"" + with_line_ends(pem, "\\n") + "\""));
    expect_read(text_of("  \n" + pem + "\n "));
    expect_read(text_of(pem.substr(0, pem.size() - 1)));
  }
  expect_read(text_of(with_line_ends(pkcs1_pem(key(), kPassphrase), "\\n"), kPassphrase));
}

TEST_F(PrivateKeyTest, TheKeyIsFoundBesideOtherBlocks) { expect_read(file_with(certificate_pem(key()) + pkcs8_pem(key()))); }

TEST_F(PrivateKeyTest, AWrongPassphraseIsSaidSo) {
  for (const std::string& bytes : {pkcs8_pem(key(), kPassphrase), pkcs8_der(key(), kPassphrase), pkcs1_pem(key(), kPassphrase)}) {
    expect_refused(file_with(bytes, "another passphrase"), "the passphrase does not open it", "openssl pkey -in '");
  }
}

TEST_F(PrivateKeyTest, AMissingPassphraseIsSaidSo) {
  for (const std::string& bytes : {pkcs8_pem(key(), kPassphrase), pkcs8_der(key(), kPassphrase), pkcs1_pem(key(), kPassphrase)}) {
    expect_refused(file_with(bytes), "no passphrase was given", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE");
    EXPECT_TRUE(is_encrypted(file_with(bytes)));
  }
  EXPECT_FALSE(is_encrypted(file_with(pkcs8_pem(key()))));
  EXPECT_FALSE(is_encrypted(file_with(pkcs1_der(key()))));
  EXPECT_FALSE(is_encrypted(text_of("no key at all")));
}

TEST_F(PrivateKeyTest, WhatIsNoUsableKeyIsNamedWithTheCommandThatMakesOne) {
  const std::string openssl = "openssl genrsa 2048 | openssl pkcs8 -topk8";
  expect_refused(file_with("no key at all"), "it is not a private key", openssl);
  expect_refused(file_with("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"), "it is not a private key", openssl);
  expect_refused(file_with(pkcs8_pem(key()).substr(0, 600)), "it is not a private key", openssl);
  expect_refused(file_with(public_pem(key())), "it is a public key", openssl);
  expect_refused(file_with(public_der(key())), "it is a public key", openssl);
  expect_refused(file_with(certificate_pem(key())), "it is a certificate", openssl);
  const MadeUpKey elliptic = elliptic_key();
  expect_refused(file_with(pkcs8_pem(elliptic.get())), "it is not an RSA key", openssl);
  expect_refused(file_with(pkcs1_pem(elliptic.get())), "it is not an RSA key", openssl);
  const MadeUpKey small = rsa_key(1024);
  expect_refused(file_with(pkcs8_pem(small.get())), "it has 1024 bits", openssl);
}

TEST_F(PrivateKeyTest, AnOpenSshKeyIsToldHowToBeConverted) {
  const std::string file = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
  expect_refused(file_with(file), "OpenSSH's own form", "ssh-keygen -p -m PKCS8 -f new_key.p8");
}

TEST_F(PrivateKeyTest, AFileThatCannotBeReadIsNamed) {
  expect_refused({.private_key_file = root / "missing.p8"}, "missing.p8: No such file", "ls -l");
  expect_refused({.private_key_file = root}, "Is a directory", "ls -l");
  expect_refused(file_with(""), "it is empty", "ls -l");
  expect_refused(file_with(std::string(100'000, 'x')), "it is too large", "ls -l");
}

TEST_F(PrivateKeyTest, AKeyThatOthersMayReadEarnsAWarning) {
  const auto file = *file_with(pkcs8_pem(key())).private_key_file;
  chmod(file.c_str(), 0600);
  EXPECT_FALSE(warning_of_permissions(file));
  for (const mode_t mode : {0640u, 0604u, 0644u}) {
    chmod(file.c_str(), mode);
    const auto warning = warning_of_permissions(file);
    ASSERT_TRUE(warning);
    EXPECT_THAT(*warning, HasSubstr("chmod 600 '"));
  }
  EXPECT_FALSE(warning_of_permissions(root / "missing.p8"));
}

}  // namespace
}  // namespace imednet::sinks::snowflake
