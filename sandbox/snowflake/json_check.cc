#include "json_check.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <list>
#include <vector>

namespace imednet::sandbox::snowflake {

namespace {

// Deep nesting is refused before it can exhaust the stack.
constexpr int kDeepest = 1000;

// The names of one object. Most are known to be new by a bit of their hash; only the others are compared.
class Names {
 public:
  bool add(std::string_view name) {
    const size_t bit = std::hash<std::string_view>()(name) % seen_.size();
    if (seen_[bit] && std::find(names_.begin(), names_.end(), name) != names_.end()) return false;
    seen_.set(bit);
    names_.push_back(name);
    return true;
  }

 private:
  std::bitset<1024> seen_;
  std::vector<std::string_view> names_;
};

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  static constexpr unsigned kLead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(kLead[more] | (code >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
}

// Names that differ only in how they are escaped are the same name. The text was found to be right before.
std::string undone(std::string_view name) {
  static constexpr std::string_view kWritten = "bfnrt", kMeant = "\b\f\n\r\t";
  const auto unit = [&](size_t at) { return static_cast<unsigned>(std::stoul(std::string(name.substr(at, 4)), nullptr, 16)); };
  std::string out;
  for (size_t at = 0; at < name.size(); ++at) {
    if (name[at] != '\\') {
      out += name[at];
      continue;
    }
    const char c = name[++at];
    if (c != 'u') {
      const size_t letter = kWritten.find(c);
      out += letter == std::string_view::npos ? c : kMeant[letter];
      continue;
    }
    unsigned code = unit(at + 1);
    at += 4;
    if (code >= 0xD800 && code <= 0xDBFF) {
      code = 0x10000 + ((code - 0xD800) << 10) + (unit(at + 3) - 0xDC00);
      at += 6;
    }
    append_utf8(out, code);
  }
  return out;
}

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  JsonVerdict verdict() {
    skip_blank();
    if (at_ == text_.size()) return {std::nullopt, false};
    if (value(0)) {
      skip_blank();
      if (at_ != text_.size()) fail("garbage after the value");
    }
    return {failure_, is_compact_};
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_blank() {
    while (here() == ' ' || here() == '\t' || here() == '\n' || here() == '\r') {
      is_compact_ = false;
      ++at_;
    }
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
      case '"':
        return string();
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
    Names names;
    std::list<std::string> unescaped;  // those that are not in the text as they are
    do {
      skip_blank();
      if (here() != '"') return fail("missing object key");
      const size_t first = at_ + 1;
      if (!string()) return false;
      std::string_view name = text_.substr(first, at_ - 1 - first);
      if (name.find('\\') != std::string_view::npos) name = unescaped.emplace_back(undone(name));
      if (!names.add(name)) return fail("duplicate object attribute \"" + std::string(name) + "\"");
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
    const std::string_view digits_and_signs = text_.substr(first, at_ - first);
    if (digits_and_signs.size() < 300 && digits_and_signs.find_first_of("eE") == std::string_view::npos) return true;
    const std::string written(digits_and_signs);
    return std::isfinite(std::strtod(written.c_str(), nullptr)) || fail("number out of range of DOUBLE");
  }

  bool string() {
    ++at_;
    while (at_ < text_.size()) {
      const unsigned char c = static_cast<unsigned char>(text_[at_]);
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c < 0x20) return fail("control character in a string");
      if (c == '\\') {
        if (!escape()) return false;
      } else if (c < 0x80) {
        ++at_;
      } else if (!multibyte()) {
        return false;
      }
    }
    return fail("unfinished string");
  }

  bool multibyte() {
    const unsigned char lead = static_cast<unsigned char>(text_[at_]);
    const size_t length = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 0;
    if (length == 0 || at_ + length > text_.size()) return fail("invalid UTF-8");
    for (size_t i = 1; i < length; ++i) {
      if ((static_cast<unsigned char>(text_[at_ + i]) & 0xC0) != 0x80) return fail("invalid UTF-8");
    }
    at_ += length;
    return true;
  }

  bool escape() {
    ++at_;
    const char c = here();
    if (c != 'u') {
      if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos || c == '\0') return fail("unknown escape");
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
    }
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

  std::string_view text_;
  size_t at_ = 0;
  std::optional<std::string> failure_;
  bool is_compact_ = true;
};

}  // namespace

JsonVerdict judge_json(std::string_view text) { return JsonReader(text).verdict(); }

}  // namespace imednet::sandbox::snowflake
