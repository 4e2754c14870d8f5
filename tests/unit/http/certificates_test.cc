// TLS: a certificate that nobody vouches for, or of another host, ends the exchange before any header is sent.
#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <optional>

#include "unit/folder.h"
#include "unit/http/exchange.h"
#include "unit/http/listener.h"
#include "unit/variables.h"

namespace imednet::http {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() { return {EVP_EC_gen("P-256"), &EVP_PKEY_free}; }

// Signed by its own key, valid from `starts` to `ends` (seconds from now), for the subject alternative name `host`.
Certificate make_certificate(EVP_PKEY* key, const char* host, long starts, long ends) {
  Certificate certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), starts);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ends);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* const name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("imednet test"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  for (const auto& [id, value] : {std::pair(NID_subject_alt_name, host), std::pair(NID_basic_constraints, "critical,CA:TRUE")}) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value);
    EXPECT_NE(extension, nullptr) << value;
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }
  EXPECT_GT(X509_sign(certificate.get(), key, EVP_sha256()), 0);
  return certificate;
}

class Tls : public FolderTest {
 protected:
  void SetUp() override {
    FolderTest::SetUp();
    for (const char* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"}) variables.unset(name);
  }
  void serve(const char* host, long starts = -3600, long ends = 3600) {
    const Key key = make_key();
    const Certificate certificate = make_certificate(key.get(), host, starts, ends);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen((root / "ca.pem").c_str(), "w"), &std::fclose);
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(PEM_write_X509(file.get(), certificate.get()), 1);
    server = std::make_unique<httplib::SSLServer>(certificate.get(), key.get());
    ASSERT_TRUE(server->is_valid());
    server->Get("/", [this](const httplib::Request&, httplib::Response& response) {
      ++answered;
      response.set_content("ok", "text/x");
    });
    listener.emplace(*server);
  }
  Request request() const { return request_to("https://" + listener->authority() + "/"); }
  void expect_refused() {
    const auto error = error_of(transport, request());
    EXPECT_EQ(verdict_of(error), kNotTrusted);
    EXPECT_EQ(answered, 0) << "the request went out all the same";
    if (error) {
      EXPECT_THAT(error->what(), testing::StartsWith("the server's certificate is not trusted: "));
      EXPECT_THAT(error->what(), testing::Not(testing::HasSubstr("imednet test"))) << "the owner's name is repeated";
      EXPECT_THAT(error->hint(), testing::HasSubstr("SSL_CERT_FILE"));
    }
  }

  Variables variables;
  std::atomic<int> answered{0};
  std::unique_ptr<httplib::SSLServer> server;
  std::optional<Listener> listener;
  CurlTransport transport;
};

TEST_F(Tls, ACertificateThatNobodyVouchesForIsRefused) {
  serve("IP:127.0.0.1");
  expect_refused();
}

TEST_F(Tls, ACompanysOwnCertificateIsTrustedByVariable) {
  serve("IP:127.0.0.1");
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    Variables one;
    one.set(name, (root / "ca.pem").string());
    EXPECT_EQ(CurlTransport().send(request(), {}).body, "ok") << name;
  }
  EXPECT_EQ(answered, 2);
}

TEST_F(Tls, TheCurlVariableGoesBeforeTheOther) {
  serve("IP:127.0.0.1");
  variables.set("SSL_CERT_FILE", (root / "missing.pem").string());
  variables.set("CURL_CA_BUNDLE", (root / "ca.pem").string());
  EXPECT_EQ(transport.send(request(), {}).body, "ok");
}

TEST_F(Tls, ACertificateOfAnotherHostIsRefused) {
  serve("DNS:edc.example");
  variables.set("SSL_CERT_FILE", (root / "ca.pem").string());
  expect_refused();
}

TEST_F(Tls, AnExpiredCertificateIsRefused) {
  serve("IP:127.0.0.1", -7200, -3600);
  variables.set("SSL_CERT_FILE", (root / "ca.pem").string());
  expect_refused();
}

TEST_F(Tls, AFileOfCertificatesThatIsMissingIsSaidSo) {
  serve("IP:127.0.0.1");
  variables.set("SSL_CERT_FILE", (root / "missing.pem").string());
  expect_refused();
}

TEST_F(Tls, APeerWithoutTlsIsNoConnection) {
  httplib::Server plain;
  const Listener plain_listener(plain);
  EXPECT_EQ(verdict_of(error_of(transport, request_to("https://" + plain_listener.authority() + "/"))), kNoConnection);
}

}  // namespace
}  // namespace imednet::http
