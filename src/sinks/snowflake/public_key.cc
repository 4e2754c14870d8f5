#include "sinks/snowflake/public_key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>

#include "imednet/errors.h"
#include "sinks/snowflake/key_text.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::size_t kFileBytesMax = 65'536;

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& cause, const std::string& hint) {
  throw errors::ExportConfigurationError(fmt::format("cannot use the public key {}: {}", file.string(), cause),
                                         {.code = errors::ErrorCode::config, .hint = hint, .origin = {.system = "local"}});
}

std::string read(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream in(file, std::ios::binary);
  std::string text(kFileBytesMax, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in.eof())
    refuse(file, errno == 0 ? "it is no readable file of at most 64 KiB" : std::strerror(errno), "give the file of a public key");
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::string public_key_text(const std::filesystem::path& file) {
  std::string text = read(file);
  const std::string hint = "make it from the private key: openssl rsa -in loader.p8 -pubout -out loader.pub";
  if (text.find("PRIVATE KEY") != std::string::npos) {
    OPENSSL_cleanse(text.data(), text.size());
    refuse(file, "it is a private key, which must stay where it is", hint);
  }
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PUBKEY(source.get(), nullptr, nullptr, nullptr),
                                                                &EVP_PKEY_free);
  ERR_clear_error();
  if (key == nullptr) refuse(file, "it is no public key in PEM form", hint);
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key.get()) < kRsaBitsMin)
    refuse(file, "Snowflake takes RSA keys of 2048 bits or more", "openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out loader.p8");
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) refuse(file, "it cannot be written as DER", hint);
  std::string base64(static_cast<std::size_t>(4 * ((size + 2) / 3)) + 1, '\0');
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), der, size);
  OPENSSL_free(der);
  base64.resize(static_cast<std::size_t>(written));
  return base64;
}

}  // namespace imednet::sinks::snowflake
