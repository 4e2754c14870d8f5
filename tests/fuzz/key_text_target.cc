// Key texts: whatever a copy does to the ends of lines, the key is found; what is no PEM stays as it is.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>

#include "fuzz/target.h"
#include "sinks/snowflake/key_text.h"

namespace imednet::fuzz {
namespace {

using sinks::snowflake::key_block;
using sinks::snowflake::PemBlock;

std::string pem_of(const char* label, std::string_view der) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  require(PEM_write_bio(out.get(), label, "", reinterpret_cast<const unsigned char*>(der.data()), static_cast<long>(der.size())) > 0,
          "the test has a PEM text");
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string with_line_ends(const std::string& text, std::string_view line_end) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += line_end;
    } else {
      out += c;
    }
  }
  return out;
}

void check_any(std::string_view input) {
  const PemBlock block = key_block(Secret(std::string(input)));
  require(ERR_peek_error() == 0, "no error is left behind");
  if (input.find("-----BEGIN ") == std::string_view::npos) {
    require(block.label.empty() && block.header.empty() && block.der == input, "what is no PEM stays as it is");
  } else {
    require(input.find(block.label) != std::string_view::npos, "a label stands in the text");
    require(block.der.size() <= input.size(), "nothing is made up");
  }
}

void check_known(std::string_view der) {
  if (der.empty()) return;
  const std::string key = pem_of("PRIVATE KEY", der);
  const std::string other = pem_of("CERTIFICATE", "made up");
  for (const char* line_end : {"\n", "\r\n", "\\n", "\\r\\n"}) {
    const std::string text = with_line_ends(key, line_end);
    for (const std::string& given : {text, " \n" + text + "\t", "\"" + text + "\"", "'" + text + "'", other + text, text + other}) {
      const PemBlock block = key_block(Secret(given));
      require(block.label == "PRIVATE KEY" && block.der == der, "the key is found");
    }
  }
}

void run(std::string_view input) {
  check_any(input);
  check_any("-----BEGIN PRIVATE KEY-----\n" + std::string(input) + "\n-----END PRIVATE KEY-----\n");
  check_known(input.substr(0, 2'000));
}

}  // namespace

Target key_text_target() {
  return {run,
          {"-----BEGIN ", "-----END ", "-----", "PRIVATE KEY", "RSA PRIVATE KEY", "-----BEGIN PRIVATE KEY-----\n",
           "\n-----END PRIVATE KEY-----\n", "MIIE", "AAAA", "====", "Proc-Type: 4,ENCRYPTED\n", "DEK-Info: AES-256-CBC,00\n", "\\n", "\\r",
           "\\", "\r\n", "\n\n"},
          5'000};
}

}  // namespace imednet::fuzz
