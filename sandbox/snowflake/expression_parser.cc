#include "sql_error.h"
#include "translator.h"

namespace imednet::sandbox::snowflake {

namespace {

// Nesting is bounded so a hostile statement cannot exhaust the stack.
constexpr int kDeepest = 150;

class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) {
    if (++depth_ > kDeepest) {
      --depth_;
      throw syntax_error("expression nested too deeply.");
    }
  }
  ~Depth() { --depth_; }

 private:
  int& depth_;
};

std::string path_key(const std::string& key) {
  std::string out = ".\"";
  for (char c : key) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A path compared with a number is a number, with anything else it is text.
std::string comparable(const Expression& side, const Expression& other) {
  if (!side.is_path()) return side.sql;
  return other.number_literal ? as_number(side) : as_text(side);
}

}  // namespace

Expression Translator::expression() {
  const Depth depth(depth_);
  return or_expression();
}

std::string Translator::condition() { return as_scalar(expression()); }

Expression Translator::or_expression() {
  Expression left = and_expression();
  while (accept_word("OR")) left = plain("(" + as_scalar(left) + " OR " + as_scalar(and_expression()) + ")");
  return left;
}

Expression Translator::and_expression() {
  Expression left = not_expression();
  while (accept_word("AND")) left = plain("(" + as_scalar(left) + " AND " + as_scalar(not_expression()) + ")");
  return left;
}

Expression Translator::not_expression() {
  bool negated = false;
  while (accept_word("NOT")) negated = !negated;
  Expression value = comparison();
  return negated ? plain("(NOT " + as_scalar(value) + ")") : value;
}

Expression Translator::comparison() {
  Expression left = concatenation();
  while (true) {
    static constexpr std::string_view kOperators[] = {"=", "<>", "!=", "<=", ">=", "<", ">"};
    bool found = false;
    for (std::string_view sign : kOperators) {
      if (!accept_symbol(sign)) continue;
      const Expression right = concatenation();
      left = plain("(" + comparable(left, right) + " " + std::string(sign) + " " + comparable(right, left) + ")");
      found = true;
      break;
    }
    if (found) continue;
    const auto tested = predicate(left);
    if (!tested) return left;
    left = *tested;
  }
}

std::optional<Expression> Translator::predicate(const Expression& left) {
  if (accept_word("IS")) {
    const std::string negation = accept_word("NOT") ? " NOT" : "";
    if (accept_word("NULL")) return plain("(" + left.sql + " IS" + negation + " NULL)");
    if (accept_words("DISTINCT", "FROM")) {
      const Expression right = concatenation();
      return plain("(" + comparable(left, right) + " IS" + negation + " DISTINCT FROM " + comparable(right, left) + ")");
    }
    if (at_word("TRUE") || at_word("FALSE")) return plain("(" + as_scalar(left) + " IS" + negation + " " + next().upper + ")");
    fail();
  }
  const bool negated = at_word("NOT") && (at_word("IN", 1) || at_word("LIKE", 1) || at_word("ILIKE", 1) || at_word("BETWEEN", 1) ||
                                          at_word("RLIKE", 1) || at_word("REGEXP", 1));
  if (negated) next();
  const std::string negation = negated ? "NOT " : "";
  if (accept_word("IN")) return in_list(left, negated);
  if (at_word("LIKE") || at_word("ILIKE")) return like(left, negated);
  if (accept_word("RLIKE") || accept_word("REGEXP")) {
    return plain("(" + negation + "regexp_full_match(" + as_text(left) + ", " + as_text(concatenation()) + "))");
  }
  if (accept_word("BETWEEN")) {
    const Expression low = concatenation();
    expect_word("AND");
    const Expression high = concatenation();
    return plain("(" + comparable(left, low) + " " + negation + "BETWEEN " + as_scalar(low) + " AND " + as_scalar(high) + ")");
  }
  return std::nullopt;
}

Expression Translator::in_list(const Expression& left, bool negated) {
  const std::string word = negated ? " NOT IN (" : " IN (";
  expect_symbol("(");
  if (at_query()) {
    const std::string inner = query();
    expect_symbol(")");
    return plain("(" + as_scalar(left) + word + inner + "))");
  }
  std::string items;
  std::string subject;
  do {
    const Expression item = expression();
    if (subject.empty()) subject = comparable(left, item);
    items += (items.empty() ? "" : ", ") + as_scalar(item);
  } while (accept_symbol(","));
  expect_symbol(")");
  return plain("(" + subject + word + items + "))");
}

Expression Translator::like(const Expression& left, bool negated) {
  const std::string word = next().upper;
  if ((at_word("ANY") || at_word("ALL")) && peek(1).is_symbol("(")) {
    const std::string joint = next().upper == "ANY" ? " OR " : " AND ";
    next();
    std::string tests;
    do {
      tests += (tests.empty() ? "" : joint) + ("(" + as_text(left) + " " + word + " " + as_text(expression()) + ")");
    } while (accept_symbol(","));
    expect_symbol(")");
    return plain(std::string(negated ? "(NOT (" : "((") + tests + "))");
  }
  const Expression pattern = concatenation();
  std::string escape;
  if (accept_word("ESCAPE")) escape = " ESCAPE " + quote_text(string_literal());
  return plain("(" + as_text(left) + (negated ? " NOT " : " ") + word + " " + as_scalar(pattern) + escape + ")");
}

Expression Translator::concatenation() {
  Expression left = additive();
  while (accept_symbol("||")) {
    left = plain("(" + as_text(left) + " || " + as_text(additive()) + ")");
    left.text = true;
  }
  return left;
}

Expression Translator::additive() {
  Expression left = multiplicative();
  while (peek().is_symbol("+") || peek().is_symbol("-")) {
    const std::string sign = next().text;
    left = plain("(" + as_number(left) + " " + sign + " " + as_number(multiplicative()) + ")");
  }
  return left;
}

Expression Translator::multiplicative() {
  Expression left = unary();
  while (peek().is_symbol("*") || peek().is_symbol("/") || peek().is_symbol("%")) {
    const std::string sign = next().text;
    const std::string right = as_number(unary());
    if (sign == "*") left = plain("(" + as_number(left) + " * " + right + ")");
    if (sign == "/") left = plain("sf_divide(" + as_number(left) + ", " + right + ")");
    if (sign == "%") left = plain("(" + as_number(left) + " % " + right + ")");
  }
  return left;
}

Expression Translator::unary() {
  const Depth depth(depth_);
  if (accept_symbol("+")) return unary();
  if (accept_symbol("-")) {
    const Expression value = unary();
    Expression out = plain("(-" + as_number(value) + ")");
    out.number_literal = value.number_literal;
    return out;
  }
  return postfix();
}

Expression Translator::postfix() {
  Expression value = primary();
  while (true) {
    if (accept_symbol("::")) {
      value = cast(value, column_type());
    } else if (accept_symbol(":")) {
      const Token key = next();
      if (key.kind != TokenKind::word && key.kind != TokenKind::quoted) fail();
      value = path_step(value, path_key(key.text));
    } else if ((value.is_path() || value.staged) && peek().is_symbol(".")) {
      next();
      const Token key = next();
      if (key.kind != TokenKind::word && key.kind != TokenKind::quoted) fail();
      value = path_step(value, path_key(key.text));
    } else if (accept_symbol("[")) {
      value =
          path_step(value, peek().kind == TokenKind::string ? path_key(string_literal()) : "[" + std::to_string(integer_literal()) + "]");
      expect_symbol("]");
    } else {
      return value;
    }
  }
}

Expression Translator::path_step(Expression base, const std::string& step) {
  Expression out;
  out.base = base.is_path() ? base.base : base.sql;
  out.path = (base.is_path() ? base.path : "$") + step;
  out.sql = "json_extract(" + out.base + ", " + quote_text(out.path) + ")";
  out.json = true;
  return out;
}

Expression Translator::cast(const Expression& value, const ColumnType& type) {
  if (type.kind == TypeKind::text) {
    const std::string text = as_text(value);
    Expression out = plain(type.length < kLongestText ? "left(" + text + ", " + std::to_string(type.length) + ")" : text);
    out.text = true;
    return out;
  }
  if (type.semi_structured()) {
    Expression out = plain(as_json(value));
    out.json = true;
    return out;
  }
  // A VARIANT column goes through its text, so "5" and 5 both become a number.
  const std::string source = value.is_path() || value.json ? as_text(value) : value.sql;
  if (type.kind == TypeKind::binary) return plain("sf_binary(" + source + ")");
  if (type.kind == TypeKind::boolean) return plain("sf_to_boolean(" + source + ")");
  Expression out = plain(engine_cast(source, type));
  out.date = type.kind == TypeKind::date;
  return out;
}

}  // namespace imednet::sandbox::snowflake
