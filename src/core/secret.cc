#include "imednet/secret.h"

#include <openssl/crypto.h>

#include <utility>

namespace imednet {

void Secret::wipe() noexcept {
  if (!value_.empty()) OPENSSL_cleanse(value_.data(), value_.size());
  value_.clear();
}

Secret::Secret(std::string value) : value_(value) {
  if (!value.empty()) OPENSSL_cleanse(value.data(), value.size());
}

// Copied and wiped, not moved: a small string that is moved from keeps its bytes.
Secret::Secret(Secret&& other) noexcept : value_(other.value_) {  // NOLINT(performance-move-constructor-init)
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    value_ = other.value_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    value_ = other.value_;
    other.wipe();
  }
  return *this;
}

Secret::~Secret() { wipe(); }

bool operator==(const Secret& left, const Secret& right) noexcept {
  return left.value_.size() == right.value_.size() && CRYPTO_memcmp(left.value_.data(), right.value_.data(), left.value_.size()) == 0;
}

}  // namespace imednet
