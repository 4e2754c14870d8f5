#include "sinks/snowflake/key_text.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <memory>
#include <optional>

#include "core/environment.h"

namespace imednet::sinks::snowflake {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";

void wipe(std::string& text) {
  if (!text.empty()) OPENSSL_cleanse(text.data(), text.size());
}

// What a variable or a copy through Windows does to PEM text is undone: surrounding quotes, \n and \r\n in two characters
// each, carriage returns.
Secret with_line_ends(std::string_view text) {
  text = core::trimmed(text);
  if (text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    text.remove_prefix(1);
    text.remove_suffix(1);
  }
  std::string clean;
  clean.reserve(text.size() + 1);  // one allocation, so no copy is left behind
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r');
    if (is_escape) {
      if (text[i + 1] == 'n') clean += '\n';
      ++i;
    } else if (text[i] != '\r') {
      clean += text[i];
    }
  }
  clean += '\n';
  return Secret(std::move(clean));
}

// The next block of the text; nothing at its end.
std::optional<PemBlock> next_block(BIO* text) {
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* der = nullptr;
  long size = 0;
  const bool found = PEM_read_bio(text, &label, &header, &der, &size) == 1;
  ERR_clear_error();
  if (!found) return std::nullopt;
  std::optional<PemBlock> block(std::in_place);
  block->label = label;
  block->header = header;
  block->der.assign(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(label);
  OPENSSL_free(header);
  OPENSSL_clear_free(der, static_cast<std::size_t>(size));
  return block;
}

}  // namespace

PemBlock::~PemBlock() { wipe(der); }

PemBlock key_block(const Secret& given) {
  PemBlock first;
  if (given.reveal().find(kBegin) == std::string::npos) {
    first.der = given.reveal();
    return first;
  }
  const Secret text = with_line_ends(given.reveal());
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(text.reveal().data(), static_cast<int>(text.reveal().size())),
                                                      &BIO_free);
  std::optional<PemBlock> kept;
  while (std::optional<PemBlock> block = next_block(bio.get())) {
    if (block->label.ends_with("PRIVATE KEY")) return std::move(*block);
    if (!kept) kept.emplace(std::move(*block));
  }
  return kept ? std::move(*kept) : std::move(first);
}

}  // namespace imednet::sinks::snowflake
