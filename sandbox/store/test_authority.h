// test_authority.h: a certificate for 127.0.0.1 by an authority that was made for it, both new at each start.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace imednet::sandbox::store {

class TestAuthority {
 public:
  // Good for 30 days. Throws std::runtime_error when OpenSSL can't.
  TestAuthority();

  X509* certificate() const { return certificate_.get(); }
  EVP_PKEY* key() const { return key_.get(); }
  // The authority's certificate as PEM: who trusts it trusts the server. Its key is forgotten.
  const std::string& pem() const { return pem_; }

 private:
  using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  Certificate certificate_{nullptr, X509_free};
  Key key_{nullptr, EVP_PKEY_free};
  std::string pem_;
};

// The system's roots (or those of SSL_CERT_FILE) and this one, in one text.
std::string with_system_roots(const std::string& pem);

}  // namespace imednet::sandbox::store
