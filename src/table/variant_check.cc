// A scanner over JSON text that builds nothing: it keeps one bit and one number per open bracket, and the keys of the open
// objects. Everything that makes it say no is a reason why a VARIANT would not give the same values back:
// docs/formats/records-layout.md, "record_data and record_data_raw".
#include "table/variant_check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

#include "table/utf8_internal.h"
#include "table/variant_number_internal.h"

namespace imednet::table {
namespace {

struct Key {
  std::uint64_t hash;
  std::string_view text;  // unescaped
};

// Kept per thread, so that the usual record costs no allocation.
struct Scratch {
  std::vector<Key> keys;
  std::list<std::string> unescaped;  // what the few keys with escapes point into; a list: its strings never move
};
constexpr std::size_t kKeysKept = 4096;  // a rare giant object must not hold memory for ever
constexpr std::size_t kFewKeys = 16;     // up to here comparing each with each beats sorting

std::uint64_t hash_key(std::string_view text) {
  constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
  std::uint64_t hash = text.size() * kMultiplier;
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    hash = std::rotl((hash ^ load_eight(at)) * kMultiplier, 29);
  }
  std::uint64_t tail = 0;
  std::memcpy(&tail, at, left);
  hash = (hash ^ tail) * kMultiplier;
  return hash ^ (hash >> 32);
}

// The high bit of every byte of `word` that equals `byte`; exact up to the first such byte, which is all that is used.
constexpr std::uint64_t bytes_equal(std::uint64_t word, unsigned char byte) {
  const std::uint64_t diff = word ^ (0x0101010101010101u * byte);
  return (diff - 0x0101010101010101u) & ~diff & kHighBits;
}

void append_utf8(std::uint32_t code, std::string& out) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80u | ((code >> shift) & 0x3Fu)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0u | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0u | (code >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0u | (code >> 18));
    tail(12), tail(6), tail(0);
  }
}

class Scanner {
 public:
  Scanner(std::string_view json, Scratch& scratch) : at_(json.data()), end_(at_ + json.size()), scratch_(scratch) {}

  bool scan() {
    State state = State::value;
    while (state != State::refused && state != State::done) {
      skip_space();
      switch (state) {
        case State::value:
          state = value();
          break;
        case State::first_item:
          state = at_ != end_ && *at_ == (in_object() ? '}' : ']') ? close() : in_object() ? key() : value();
          break;
        case State::key:
          state = key();
          break;
        default:
          state = after_value();
      }
    }
    return state == State::done;
  }

 private:
  enum class State : std::uint8_t { value, first_item, key, after_value, done, refused };

  bool in_object() const { return frames_[static_cast<std::size_t>(depth_ - 1)].object; }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) {
      ++at_;
    }
  }

  State value() {
    if (at_ == end_) {
      return State::refused;
    }
    bool good = false;
    switch (*at_) {
      case '{':
      case '[':
        return open(*at_ == '{');
      case '"':
        good = string(nullptr);
        break;
      case 't':
        good = literal("true");
        break;
      case 'f':
        good = literal("false");
        break;
      case 'n':
        good = literal("null");
        break;
      default:
        good = number();
    }
    return good ? State::after_value : State::refused;
  }

  State open(bool object) {
    if (depth_ == kVariantDepthLimit) {
      return State::refused;
    }
    frames_[static_cast<std::size_t>(depth_++)] = {object, scratch_.keys.size()};
    ++at_;
    return State::first_item;
  }

  State close() {
    const Frame frame = frames_[static_cast<std::size_t>(--depth_)];
    ++at_;
    if (frame.object) {
      if (has_duplicate(frame.first_key)) {
        return State::refused;
      }
      scratch_.keys.resize(frame.first_key);
    }
    return State::after_value;
  }

  State after_value() {
    if (depth_ == 0) {
      return at_ == end_ ? State::done : State::refused;
    }
    if (at_ == end_) {
      return State::refused;
    }
    if (*at_ == ',') {
      ++at_;
      return in_object() ? State::key : State::value;
    }
    return *at_ == (in_object() ? '}' : ']') ? close() : State::refused;
  }

  State key() {
    if (at_ == end_ || *at_ != '"') {
      return State::refused;
    }
    std::string_view text;
    if (!string(&text)) {
      return State::refused;
    }
    skip_space();
    if (at_ == end_ || *at_ != ':') {
      return State::refused;
    }
    ++at_;
    scratch_.keys.push_back({hash_key(text), text});
    return State::value;
  }

  bool has_duplicate(std::size_t first) {
    const auto begin = scratch_.keys.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end = scratch_.keys.end();
    if (static_cast<std::size_t>(end - begin) <= kFewKeys) {
      for (auto a = begin; a != end; ++a) {
        for (auto b = begin; b != a; ++b) {
          if (a->hash == b->hash && a->text == b->text) {
            return true;
          }
        }
      }
      return false;
    }
    // Sorted by hash and text: keys made to collide cost no more than others.
    std::sort(begin, end, [](const Key& a, const Key& b) { return a.hash != b.hash ? a.hash < b.hash : a.text < b.text; });
    return std::adjacent_find(begin, end, [](const Key& a, const Key& b) { return a.hash == b.hash && a.text == b.text; }) != end;
  }

  bool literal(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  // Moves to the next byte that is not a plain character of a string.
  void skip_plain() {
    while (end_ - at_ >= 8) {
      const std::uint64_t word = load_eight(at_);
      const std::uint64_t control = (word - 0x2020202020202020u) & ~word & kHighBits;
      const std::uint64_t special = (word & kHighBits) | control | bytes_equal(word, '"') | bytes_equal(word, '\\');
      if (special != 0) {
        at_ += std::countr_zero(special) / 8;
        return;
      }
      at_ += 8;
    }
    while (at_ != end_ && static_cast<unsigned char>(*at_) >= 0x20 && static_cast<unsigned char>(*at_) < 0x80 && *at_ != '"' &&
           *at_ != '\\') {
      ++at_;
    }
  }

  // A string at its opening quote. `text`, when asked for, is the unescaped content.
  bool string(std::string_view* text) {
    const char* run = ++at_;
    std::string* unescaped = nullptr;
    for (;;) {
      skip_plain();
      if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) {
        return false;
      }
      if (*at_ == '"') {
        break;
      }
      if (*at_ != '\\') {
        const int size = utf8_sequence_size(at_, end_);
        if (size == 0) {
          return false;
        }
        at_ += size;
        continue;
      }
      if (text != nullptr && unescaped == nullptr) {
        unescaped = &scratch_.unescaped.emplace_back();
      }
      if (unescaped != nullptr) {
        unescaped->append(run, at_);
      }
      if (!escape(unescaped)) {
        return false;
      }
      run = at_;
    }
    if (unescaped != nullptr) {
      unescaped->append(run, at_);
    }
    if (text != nullptr) {
      *text = unescaped != nullptr ? std::string_view(*unescaped) : std::string_view(run, static_cast<std::size_t>(at_ - run));
    }
    ++at_;
    return true;
  }

  // An escape at its backslash; U+0000 and a surrogate without its partner are refused.
  bool escape(std::string* out) {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    constexpr std::string_view kMeaning = "\"\\/\b\f\n\r\t";
    if (end_ - at_ < 2) {
      return false;
    }
    ++at_;
    std::uint32_t code = 0;
    if (*at_ != 'u') {
      const auto found = kShort.find(*at_++);
      if (found == std::string_view::npos) {
        return false;
      }
      code = static_cast<unsigned char>(kMeaning[found]);
    } else {
      if (!hex_four(code) || code == 0 || (code >= 0xDC00 && code <= 0xDFFF)) {
        return false;
      }
      if (code >= 0xD800 && code <= 0xDBFF) {
        std::uint32_t low = 0;
        if (end_ - at_ < 2 || *at_++ != '\\' || *at_ != 'u' || !hex_four(low) || low < 0xDC00 || low > 0xDFFF) {
          return false;
        }
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
      }
    }
    if (out != nullptr) {
      append_utf8(code, *out);
    }
    return true;
  }

  // Four hex digits behind the `u` at the current place.
  bool hex_four(std::uint32_t& code) {
    if (end_ - at_ < 5) {
      return false;
    }
    code = 0;
    for (int i = 1; i <= 4; ++i) {
      const char c = at_[i];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) {
        return false;
      }
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    at_ += 5;
    return true;
  }

  bool number() {
    at_ = skip_kept_number(at_, end_);
    return at_ != nullptr;
  }

  struct Frame {
    bool object;
    std::size_t first_key;  // where this object's keys begin in the scratch
  };

  const char* at_;
  const char* end_;
  Scratch& scratch_;
  std::array<Frame, kVariantDepthLimit> frames_;
  int depth_ = 0;
};

}  // namespace

bool variant_can_hold(std::string_view json) {
  if (json.size() > kVariantTextLimit) {
    return false;
  }
  thread_local Scratch scratch;
  const bool good = Scanner(json, scratch).scan();
  scratch.keys.clear();
  scratch.unescaped.clear();
  if (scratch.keys.capacity() > kKeysKept) {
    scratch.keys = {};
  }
  return good;
}

}  // namespace imednet::table
