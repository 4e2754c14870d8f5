#include "sinks/snowflake/private_key.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "core/plain_path.h"
#include "core/secret_file.h"
#include "sinks/snowflake/key_text.h"

namespace imednet::sinks::snowflake {
namespace {

using integrations::SnowflakeSinkConfig;

template <auto Release>
struct Releaser {
  template <class Object>
  void operator()(Object* object) const {
    Release(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Releaser<EVP_PKEY_free>>;
using Pkcs8 = std::unique_ptr<PKCS8_PRIV_KEY_INFO, Releaser<PKCS8_PRIV_KEY_INFO_free>>;
using Encrypted = std::unique_ptr<X509_SIG, Releaser<X509_SIG_free>>;
using Bio = std::unique_ptr<BIO, Releaser<BIO_free>>;

// Where the key came from, in the words of a message and in those of a command that mends it.
struct Source {
  std::string name, path;

  [[noreturn]] void refuse(std::string_view cause, std::string hint) const {
    ERR_clear_error();
    throw errors::ExportConfigurationError(fmt::format("cannot use the private key in {}: {}", name, cause),
                                           {.code = errors::ErrorCode::config, .hint = std::move(hint)});
  }
};

Source source_of(const SnowflakeSinkConfig& config) {
  if (!config.private_key_file) return {"the text given (private_key, SNOWFLAKE_PRIVATE_KEY)", "rsa_key.p8"};
  const std::string path = config.private_key_file->string();
  return {path, core::quoted_for_shell(path)};
}

// The names are new ones: somebody may paste the line where the keys of today lie.
std::string make_a_key() {
  return "make one with: openssl genrsa 2048 | openssl pkcs8 -topk8 -v2 aes-256-cbc -out new_key.p8 && openssl pkey -in new_key.p8 "
         "-pubout -out new_key.pub; then ALTER USER … SET RSA_PUBLIC_KEY = '<the lines between BEGIN and END of new_key.pub>'";
}

Secret bytes_given(const SnowflakeSinkConfig& config) {
  return config.private_key_file ? core::read_key_file(*config.private_key_file, "private key") : config.private_key;
}

const unsigned char* begin_of(const std::string& der) { return reinterpret_cast<const unsigned char*>(der.data()); }

// One ASN.1 value that fills the whole text, or nothing.
template <auto Parse>
auto whole(const std::string& der) {
  const unsigned char* at = begin_of(der);
  auto* value = Parse(nullptr, &at, static_cast<long>(der.size()));
  const bool is_whole = value != nullptr && at == begin_of(der) + der.size();
  ERR_clear_error();
  return std::pair(value, is_whole);
}

Encrypted encrypted_key(const std::string& der) {
  const auto [value, is_whole] = whole<d2i_X509_SIG>(der);
  Encrypted held(value);
  return is_whole ? std::move(held) : nullptr;
}

void require_passphrase(const Secret& passphrase, const Source& source) {
  if (!passphrase.empty()) return;
  source.refuse("it is encrypted, and no passphrase was given",
                "set SNOWFLAKE_PRIVATE_KEY_PASSPHRASE, or SNOWFLAKE_PRIVATE_KEY_PASSPHRASE_FILE, or run on a terminal to be asked");
}

[[noreturn]] void refuse_passphrase(const Source& source) {
  source.refuse(
      "the passphrase does not open it",
      fmt::format("try the passphrase with: openssl pkey -in {} -noout (it asks, and prints nothing when the passphrase is right)",
                  source.path));
}

// A key with a "Proc-Type: 4,ENCRYPTED" head, as old versions of OpenSSL wrote PKCS#1.
void decrypt_old_form(PemBlock& block, const Secret& passphrase, const Source& source) {
  EVP_CIPHER_INFO cipher{};
  if (block.header.empty() || PEM_get_EVP_CIPHER_INFO(block.header.data(), &cipher) != 1) return;
  if (cipher.cipher == nullptr) return;
  require_passphrase(passphrase, source);
  auto size = static_cast<long>(block.der.size());
  const auto give = [](char* buffer, int room, int, void* given) {
    const std::string& text = static_cast<const Secret*>(given)->reveal();
    const int length = static_cast<int>(text.size());
    if (length > room) return 0;
    text.copy(buffer, text.size());
    return length;
  };
  auto* bytes = reinterpret_cast<unsigned char*>(block.der.data());
  if (PEM_do_header(&cipher, bytes, &size, give, const_cast<Secret*>(&passphrase)) != 1) refuse_passphrase(source);
  block.der.resize(static_cast<std::size_t>(size));
}

Key decrypted(const X509_SIG& encrypted, const Secret& passphrase, const Source& source) {
  require_passphrase(passphrase, source);
  const std::string& text = passphrase.reveal();
  const Pkcs8 plain(PKCS8_decrypt(&encrypted, text.data(), static_cast<int>(text.size())));
  if (plain == nullptr) refuse_passphrase(source);
  return Key(EVP_PKCS82PKEY(plain.get()));
}

// The PKCS#1 form of a public key.
EVP_PKEY* rsa_public_key(EVP_PKEY** into, const unsigned char** at, long size) { return d2i_PublicKey(EVP_PKEY_RSA, into, at, size); }

[[noreturn]] void refuse_what_is_no_key(const std::string& der, const Source& source) {
  const auto [certificate, is_certificate] = whole<d2i_X509>(der);
  X509_free(certificate);
  if (is_certificate) source.refuse("it is a certificate", "give the private key that belongs to it, or " + make_a_key());
  const auto [public_key, is_public] = whole<d2i_PUBKEY>(der);
  EVP_PKEY_free(public_key);
  const auto [short_public, is_short_public] = whole<rsa_public_key>(der);
  EVP_PKEY_free(short_public);
  if (is_public || is_short_public) {
    source.refuse("it is a public key",
                  "give the private file that it was made from (openssl pkey -in <private key> -pubout), or " + make_a_key());
  }
  const auto [bundle, is_bundle] = whole<d2i_PKCS12>(der);
  PKCS12_free(bundle);
  if (is_bundle) {
    source.refuse("it is a PKCS#12 bundle",
                  fmt::format("take the key out with: openssl pkcs12 -in {} -nocerts -out new_key.p8", source.path));
  }
  source.refuse("it is not a private key", make_a_key());
}

Key parsed(const std::string& der, const Secret& passphrase, const Source& source) {
  if (const Encrypted encrypted = encrypted_key(der)) return decrypted(*encrypted, passphrase, source);
  const unsigned char* at = begin_of(der);
  Key key(d2i_AutoPrivateKey(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (key == nullptr) refuse_what_is_no_key(der, source);
  return key;
}

void require_usable(EVP_PKEY* key, const Source& source) {
  if (key == nullptr) source.refuse("it is not a private key", make_a_key());
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) source.refuse("it is not an RSA key, and Snowflake takes no other", make_a_key());
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kRsaBitsMin) source.refuse(fmt::format("it has {} bits, and Snowflake wants {} or more", bits, kRsaBitsMin), make_a_key());
}

Secret as_pkcs8_pem(EVP_PKEY* key) {
  const Pkcs8 plain(EVP_PKEY2PKCS8(key));
  const Bio out(BIO_new(BIO_s_secmem()));
  if (plain == nullptr || out == nullptr || PEM_write_bio_PKCS8_PRIV_KEY_INFO(out.get(), plain.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  Secret pem(std::string(text, static_cast<std::size_t>(size)));
  OPENSSL_cleanse(text, static_cast<std::size_t>(size));
  return pem;
}

std::string fingerprint_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int digest_size = 0;
  if (size <= 0 || EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), &digest_size, EVP_sha256(), nullptr) != 1) return {};
  OPENSSL_free(der);
  std::string base64(4 * ((digest_size + 2) / 3) + 1, '\0');
  base64.resize(static_cast<std::size_t>(
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), digest.data(), static_cast<int>(digest_size))));
  return "SHA256:" + base64;
}

// Forms that are told apart by their first line only.
void refuse_by_label(std::string_view label, const Source& source) {
  if (label == "OPENSSH PRIVATE KEY") {
    source.refuse("it is in OpenSSH's own form",
                  fmt::format("convert a copy with: cp {} new_key.p8 && ssh-keygen -p -m PKCS8 -f new_key.p8", source.path));
  }
  if (label.find("CERTIFICATE") != std::string_view::npos && label.find("REQUEST") != std::string_view::npos) {
    source.refuse("it is a certificate request", make_a_key());
  }
}

}  // namespace

PrivateKey read_private_key(const SnowflakeSinkConfig& config) {
  const Source source = source_of(config);
  const Secret given = bytes_given(config);
  PemBlock block = key_block(given);
  refuse_by_label(block.label, source);
  decrypt_old_form(block, config.private_key_passphrase, source);
  const Key key = parsed(block.der, config.private_key_passphrase, source);
  require_usable(key.get(), source);
  PrivateKey result{as_pkcs8_pem(key.get()), fingerprint_of(key.get())};
  if (result.pkcs8_pem.empty() || result.fingerprint.empty()) source.refuse("OpenSSL could not write it again", make_a_key());
  return result;
}

bool is_encrypted(const SnowflakeSinkConfig& config) {
  const PemBlock block = key_block(bytes_given(config));
  return block.header.find("ENCRYPTED") != std::string::npos || encrypted_key(block.der) != nullptr;
}

std::optional<std::string> warning_of_permissions(const std::filesystem::path& key_file) {
  struct stat facts {};
  if (stat(key_file.c_str(), &facts) != 0 || (facts.st_mode & (S_IRWXG | S_IRWXO)) == 0) return std::nullopt;
  return fmt::format("others than its owner may use the private key in {}; run: chmod 600 {}", key_file.string(),
                     core::quoted_for_shell(key_file.string()));
}

}  // namespace imednet::sinks::snowflake
