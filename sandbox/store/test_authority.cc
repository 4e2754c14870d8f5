#include "sandbox/store/test_authority.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "sandbox/store/digests.h"

namespace imednet::sandbox::store {
namespace {

constexpr long kGoodFor = 30L * 24 * 3600, kBefore = 3600;
constexpr const char* kSystemRoots = "/etc/ssl/certs/ca-certificates.crt";

void require(bool is_done, const char* what) {
  if (!is_done) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value),
                                                                                  X509_EXTENSION_free);
  require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, value);
}

void fill(X509* certificate, EVP_PKEY* key, const char* name, X509* issuer) {
  require(X509_set_version(certificate, 2) == 1, "version");
  const std::string serial = random_bytes(8);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), std::hash<std::string>{}(serial) >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kBefore);
  X509_gmtime_adj(X509_getm_notAfter(certificate), kGoodFor);
  require(X509_set_pubkey(certificate, key) == 1, "key");
  X509_NAME* const subject = X509_get_subject_name(certificate);
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0) == 1, "name");
  require(X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1, "issuer");
}

std::string pem_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  require(out != nullptr && PEM_write_bio_X509(out.get(), certificate) == 1, "PEM");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

TestAuthority::TestAuthority() : certificate_(X509_new(), X509_free), key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
  const Certificate authority(X509_new(), X509_free);
  const Key authority_key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  require(certificate_ && key_ && authority && authority_key, "memory");
  fill(authority.get(), authority_key.get(), "imednet sandbox test authority", authority.get());
  add_extension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(authority.get(), authority.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(authority.get(), authority.get(), NID_subject_key_identifier, "hash");
  require(X509_sign(authority.get(), authority_key.get(), EVP_sha256()) > 0, "signature");
  fill(certificate_.get(), key_.get(), "127.0.0.1", authority.get());
  add_extension(certificate_.get(), authority.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate_.get(), authority.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate_.get(), authority.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate_.get(), authority.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  add_extension(certificate_.get(), authority.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate_.get(), authority.get(), NID_authority_key_identifier, "keyid:always");
  require(X509_sign(certificate_.get(), authority_key.get(), EVP_sha256()) > 0, "signature");
  pem_ = pem_of(authority.get());
}

std::string with_system_roots(const std::string& pem) {
  const char* const own = std::getenv("SSL_CERT_FILE");
  std::ifstream in(own != nullptr && *own != '\0' ? own : kSystemRoots, std::ios::binary);
  std::string roots{std::istreambuf_iterator<char>(in), {}};
  if (!roots.empty() && roots.back() != '\n') roots += '\n';
  return roots + pem;
}

}  // namespace imednet::sandbox::store
