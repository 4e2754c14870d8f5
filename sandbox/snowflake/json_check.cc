#include "json_check.h"

#include <cmath>
#include <cstdlib>
#include <set>

namespace imednet::sandbox::snowflake {

namespace {

// Deep nesting is refused before it can exhaust the stack.
constexpr int kDeepest = 1000;

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  std::optional<std::string> refusal() {
    skip_blank();
    if (at_ == text_.size()) return std::nullopt;
    if (!value(0)) return failure_;
    skip_blank();
    if (at_ != text_.size()) fail("garbage after the value");
    return failure_;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blank() {
    while (at_ < text_.size() && (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r')) ++at_;
  }
  bool fail(const std::string& why) {
    if (!failure_) failure_ = why + ", pos " + std::to_string(at_ + 1);
    return false;
  }
  bool accept(char c) {
    skip_blank();
    if (here() != c || at_ >= text_.size()) return false;
    ++at_;
    return true;
  }

  bool value(int depth) {
    if (depth > kDeepest) return fail("nested too deeply");
    skip_blank();
    switch (here()) {
      case '{':
        return object(depth);
      case '[':
        return array(depth);
      case '"': {
        std::string ignored;
        return string(ignored);
      }
      case 't':
        return literal("true");
      case 'f':
        return literal("false");
      case 'n':
        return literal("null");
      default:
        return number();
    }
  }

  bool object(int depth) {
    ++at_;
    if (accept('}')) return true;
    std::set<std::string> keys;
    do {
      skip_blank();
      if (here() != '"') return fail("missing object key");
      std::string key;
      if (!string(key)) return false;
      if (!keys.insert(key).second) return fail("duplicate object attribute \"" + key + "\"");
      if (!accept(':')) return fail("missing colon");
      if (!value(depth + 1)) return false;
    } while (accept(','));
    return accept('}') || fail("unfinished object");
  }

  bool array(int depth) {
    ++at_;
    if (accept(']')) return true;
    do {
      if (!value(depth + 1)) return false;
    } while (accept(','));
    return accept(']') || fail("unfinished array");
  }

  bool literal(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return fail("unknown keyword");
    at_ += word.size();
    return true;
  }

  bool digits() {
    const size_t first = at_;
    while (here() >= '0' && here() <= '9') ++at_;
    return at_ > first;
  }

  bool number() {
    const size_t first = at_;
    if (here() == '-') ++at_;
    const size_t whole = at_;
    if (!digits()) return fail("unexpected character");
    if (text_[whole] == '0' && at_ - whole > 1) return fail("a number with a leading zero");
    if (here() == '.') {
      ++at_;
      if (!digits()) return fail("unfinished number");
    }
    if (here() == 'e' || here() == 'E') {
      ++at_;
      if (here() == '+' || here() == '-') ++at_;
      if (!digits()) return fail("unfinished number");
    }
    const std::string written(text_.substr(first, at_ - first));
    return std::isfinite(std::strtod(written.c_str(), nullptr)) || fail("number out of range of DOUBLE");
  }

  bool string(std::string& out) {
    ++at_;
    while (at_ < text_.size()) {
      const unsigned char c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return fail("control character in a string");
      if (c == '\\') {
        if (!escape(out)) return false;
      } else if (c < 0x80) {
        out += static_cast<char>(c);
        ++at_;
      } else if (!multibyte(out)) {
        return false;
      }
    }
    return fail("unfinished string");
  }

  bool multibyte(std::string& out) {
    const unsigned char lead = static_cast<unsigned char>(text_[at_]);
    const size_t length = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 0;
    if (length == 0 || at_ + length > text_.size()) return fail("invalid UTF-8");
    for (size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text_[at_ + i]) & 0xC0) != 0x80) return fail("invalid UTF-8");
    }
    out += text_.substr(at_, length);
    at_ += length;
    return true;
  }

  bool escape(std::string& out) {
    ++at_;
    const char c = here();
    if (c != 'u') {
      if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos || c == '\0') return fail("unknown escape");
      out += '\\';
      out += c;
      if (c == '"' || c == '\\' || c == '/') out.erase(out.size() - 2, 1);
      ++at_;
      return true;
    }
    unsigned code = 0;
    if (!unicode(code)) return false;
    if (code == 0) return fail("NUL character");
    if (code >= 0xDC00 && code <= 0xDFFF) return fail("lone surrogate");
    if (code >= 0xD800 && code <= 0xDBFF) {
      unsigned low = 0;
      if (text_.substr(at_, 2) != "\\u") return fail("lone surrogate");
      ++at_;
      if (!unicode(low)) return false;
      if (low < 0xDC00 || low > 0xDFFF) return fail("lone surrogate");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append(out, code);
    return true;
  }

  bool unicode(unsigned& code) {
    ++at_;
    code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = here();
      const bool digit = c >= '0' && c <= '9';
      const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!digit && !letter) return fail("bad \\u escape");
      code = code * 16 + static_cast<unsigned>(digit ? c - '0' : (c | 32) - 'a' + 10);
    }
    return true;
  }

  // Keys that differ only in how they are escaped are the same key, so escapes are undone.
  static void append(std::string& out, unsigned code) {
    if (code < 0x80) {
      out += static_cast<char>(code);
      return;
    }
    const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static constexpr unsigned kLead[] = {0, 0xC0, 0xE0, 0xF0};
    out += static_cast<char>(kLead[more] | (code >> (6 * more)));
    for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
  }

  std::string_view text_;
  size_t at_ = 0;
  std::optional<std::string> failure_;
};

}  // namespace

std::optional<std::string> json_refusal(std::string_view text) { return JsonReader(text).refusal(); }

}  // namespace imednet::sandbox::snowflake
