// made_up_keys.h: keys that tests make for themselves, in every form people keep them in.
#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <functional>
#include <memory>
#include <string>

namespace imednet::sinks::snowflake {

using MadeUpKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline MadeUpKey rsa_key(unsigned bits) { return {EVP_RSA_gen(bits), &EVP_PKEY_free}; }
inline MadeUpKey elliptic_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

inline std::string written(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  if (write(out.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// `passphrase` empty: open.
inline std::string pkcs8_pem(EVP_PKEY* key, const std::string& passphrase = "") {
  return written([&](BIO* out) {
    return PEM_write_bio_PKCS8PrivateKey(out, key, passphrase.empty() ? nullptr : EVP_aes_256_cbc(), passphrase.data(),
                                         static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}
inline std::string pkcs8_der(EVP_PKEY* key, const std::string& passphrase = "") {
  return written([&](BIO* out) {
    return i2d_PKCS8PrivateKey_bio(out, key, passphrase.empty() ? nullptr : EVP_aes_256_cbc(), passphrase.data(),
                                   static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}
inline std::string pkcs1_pem(EVP_PKEY* key, const std::string& passphrase = "") {
  return written([&](BIO* out) {
    const auto* text = reinterpret_cast<const unsigned char*>(passphrase.data());
    return PEM_write_bio_PrivateKey_traditional(out, key, passphrase.empty() ? nullptr : EVP_aes_128_cbc(), text,
                                                static_cast<int>(passphrase.size()), nullptr, nullptr);
  });
}
inline std::string pkcs1_der(EVP_PKEY* key) {
  return written([&](BIO* out) { return i2d_PrivateKey_bio(out, key); });
}
inline std::string public_pem(EVP_PKEY* key) {
  return written([&](BIO* out) { return PEM_write_bio_PUBKEY(out, key); });
}
inline std::string public_der(EVP_PKEY* key) {
  return written([&](BIO* out) { return i2d_PUBKEY_bio(out, key); });
}

// Signed by itself.
inline std::string certificate_pem(EVP_PKEY* key) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_sign(certificate.get(), key, EVP_sha256());
  return written([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
}

}  // namespace imednet::sinks::snowflake
