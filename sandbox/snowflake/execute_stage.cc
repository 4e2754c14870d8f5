// PUT, GET, LIST, REMOVE.
#include <algorithm>
#include <cctype>

#include "executor.h"
#include "sql_error.h"

namespace imednet::sandbox::snowflake {

namespace {

// The name inside double quotes that begin at `at`, doubled ones undone; `at` is moved behind the closing one.
std::string quoted_part(const std::string& text, size_t& at) {
  std::string part;
  for (++at; at < text.size(); ++at) {
    if (text[at] != '"') {
      part += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '"') {
      part += text[++at];
    } else {
      ++at;
      return part;
    }
  }
  throw syntax_error("unterminated quoted identifier.");
}

}  // namespace

StageReference parse_stage_reference(const std::string& text) {
  StageReference out;
  std::vector<std::string> parts;
  size_t at = 0;
  while (parts.size() < 3) {
    std::string part;
    const bool quoted = at < text.size() && text[at] == '"';
    if (quoted) {
      part = quoted_part(text, at);
    } else {
      const size_t end = std::min(text.find_first_of("./", at), text.size());
      part = to_upper(text.substr(at, end - at));
      at = end;
    }
    const bool plain = std::all_of(part.begin(), part.end(),
                                   [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '$' || c == '~' || c == '%'; });
    if (part.empty() || (!quoted && !plain)) throw syntax_error("invalid stage name '@" + text + "'.");
    if (part[0] == '~' || part[0] == '%') throw syntax_error("user and table stages are not supported by this server.");
    parts.push_back(part);
    if (at >= text.size() || text[at] != '.') break;
    ++at;
  }
  if (at < text.size() && text[at] != '/') throw syntax_error("invalid stage name '@" + text + "'.");
  out.name.name = parts.back();
  if (parts.size() > 1) out.name.schema = parts[parts.size() - 2];
  if (parts.size() > 2) out.name.database = parts[0];
  while (at < text.size() && text[at] == '/') ++at;
  out.path = text.substr(std::min(at, text.size()));
  return out;
}

// @stage/path bare, or the same in single quotes.
StageReference Executor::stage_argument(Translator& sql) {
  if (sql.peek().kind == TokenKind::stage) return parse_stage_reference(sql.next().text);
  if (sql.peek().kind == TokenKind::string && sql.peek().text.starts_with("@")) return parse_stage_reference(sql.next().text.substr(1));
  sql.fail();
}

namespace {

struct PutOptions {
  bool auto_compress = true;
  bool overwrite = false;
  int parallel = 4;
  std::string source_compression = "auto_detect";
};

bool boolean_word(Translator& sql) {
  const std::string word = sql.next().upper;
  if (word != "TRUE" && word != "FALSE") sql.fail();
  return word == "TRUE";
}

PutOptions put_options(Translator& sql) {
  PutOptions options;
  while (sql.peek().kind == TokenKind::word) {
    const std::string name = sql.next().upper;
    sql.expect_symbol("=");
    if (name == "AUTO_COMPRESS") {
      options.auto_compress = boolean_word(sql);
    } else if (name == "OVERWRITE") {
      options.overwrite = boolean_word(sql);
    } else if (name == "PARALLEL") {
      options.parallel = static_cast<int>(sql.integer_literal());
      if (options.parallel < 1 || options.parallel > 99) throw invalid_value("invalid value for PARALLEL");
    } else if (name == "SOURCE_COMPRESSION") {
      options.source_compression = to_lower(sql.next().text);
    } else {
      throw syntax_error("invalid option '" + name + "' for PUT.");
    }
    sql.accept_symbol(",");
  }
  return options;
}

std::string base_name(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

}  // namespace

namespace {

// file://path, bare or in quotes.
std::string file_argument(Translator& sql, const char* command) {
  std::string url;
  if (sql.peek().kind == TokenKind::string || sql.peek().kind == TokenKind::file_url) url = sql.next().text;
  if (!to_lower(url).starts_with("file://")) throw syntax_error(std::string(command) + " needs a file:// path.");
  return url.substr(7);
}

// PATTERN = 'regular expression', if that comes next.
std::optional<std::string> pattern_clause(Translator& sql) {
  if (!sql.accept_word("PATTERN")) return std::nullopt;
  sql.expect_symbol("=");
  return sql.string_literal();
}

SqlError external_stage(const StageDefinition& definition) {
  return SqlError("091003", "22000",
                  "Failure using stage area. Cause: [" + display_identifier(definition.name.name) +
                      " GET and PUT commands are not supported with external stage]");
}

}  // namespace

StatementResult Executor::put(Translator& sql) {
  sql.next();
  const std::string source = file_argument(sql, "PUT");
  const StageReference target = stage_argument(sql);
  const PutOptions options = put_options(sql);
  sql.expect_end();

  const StageDefinition definition = stage(target.name);
  if (!definition.url.empty()) throw external_stage(definition);
  if (definition.session.empty()) require("WRITE", "STAGE", definition.name.display());
  if (options.overwrite) {
    std::string inside = target.path;
    if (!inside.empty() && inside.back() != '/') inside += '/';
    state_.stages.make_way(definition, inside + base_name(source));
  }
  const nlohmann::json stage_info = state_.stages.place_of(definition, target.path, session_.client, base_name(source));
  StatementResult out;
  out.type = statement_type::kPut;
  out.transfer = {{"command", "UPLOAD"},
                  {"operation", "Node"},
                  {"kind", nullptr},
                  {"src_locations", {source}},
                  {"autoCompress", options.auto_compress},
                  {"overwrite", options.overwrite},
                  {"sourceCompression", options.source_compression},
                  {"parallel", options.parallel},
                  {"threshold", 209715200},
                  {"stageWarnings", nlohmann::json::array()},
                  {"clientShowEncryptionParameter", false},
                  {"stageInfo", stage_info},
                  {"uploadInfo", stage_info},
                  {"encryptionMaterial", state_.stages.key_for(definition, query_id_, session_.client)}};
  return out;
}

// The client copies; it puts each file under its base name, so that the last of several with one name stays. [doc]
StatementResult Executor::get(Translator& sql) {
  sql.next();
  const StageReference source = stage_argument(sql);
  const std::string folder = file_argument(sql, "GET");
  int64_t parallel = 10;
  std::optional<std::string> pattern;
  while (sql.peek().kind == TokenKind::word) {
    if (sql.at_word("PATTERN")) {
      pattern = pattern_clause(sql);
      continue;
    }
    sql.expect_word("PARALLEL");
    sql.expect_symbol("=");
    parallel = sql.integer_literal();
    if (parallel < 1 || parallel > 99) throw invalid_value("invalid value for PARALLEL");
  }
  sql.expect_end();

  const StageDefinition definition = stage(source.name);
  if (!definition.url.empty()) throw external_stage(definition);
  if (definition.session.empty()) require("READ", "STAGE", definition.name.display());
  StatementResult out;
  out.type = statement_type::kGet;
  nlohmann::json paths = nlohmann::json::array(), keys = nlohmann::json::array();
  for (const StagedFile& file : matching_files(definition, source.path, pattern)) {
    paths.push_back(file.path);
    if (state_.stages.is_local()) out.files.push_back(state_.stages.readable(definition, file.path));
    if (auto key = state_.stages.key_for(definition, query_id_, session_.client); !key.is_null()) keys.push_back(std::move(key));
  }
  out.transfer = {{"command", "DOWNLOAD"},
                  {"operation", "Node"},
                  {"kind", nullptr},
                  {"src_locations", paths},
                  {"localLocation", folder},
                  {"parallel", parallel},
                  {"threshold", 209715200},
                  {"clientShowEncryptionParameter", false},
                  {"stageInfo", state_.stages.source_of(definition, session_.client)},
                  {"encryptionMaterial", keys}};
  if (auto addresses = state_.stages.addresses_of(definition, paths); !addresses.empty())
    out.transfer["presignedUrls"] = std::move(addresses);
  return out;
}

// The pattern must match the whole name, as LIST shows it. [inferred]
std::vector<StagedFile> Executor::matching_files(const StageDefinition& definition, const std::string& prefix,
                                                 const std::optional<std::string>& pattern) {
  std::vector<StagedFile> files = state_.stages.list(definition, prefix);
  if (!pattern) return files;
  std::erase_if(files, [&](const StagedFile& file) {
    const std::string name = to_lower(definition.name.name) + "/" + file.path;
    return session_.query("SELECT regexp_full_match(" + quote_text(name) + ", " + quote_text(*pattern) + ")").rows[0][0] != "1";
  });
  return files;
}

// For LIST, REMOVE and COPY. What an external stage holds lies outside of this server.
StageDefinition Executor::reachable_stage(const ObjectName& name, const std::string& privilege) const {
  StageDefinition definition = stage(name);
  if (definition.session.empty()) require(privilege, "STAGE", definition.name.display());
  if (!definition.url.empty()) throw syntax_error("files of an external stage can't be reached by this server.");
  return definition;
}

StatementResult Executor::list(Translator& sql) {
  sql.next();
  const StageReference target = stage_argument(sql);
  const auto pattern = pattern_clause(sql);
  sql.expect_end();
  const StageDefinition definition = reachable_stage(target.name, "READ");
  StatementResult out;
  out.type = statement_type::kList;
  out.result.columns = {text_column("name"), number_column("size"), text_column("md5"), text_column("last_modified")};
  for (const StagedFile& file : matching_files(definition, target.path, pattern)) {
    out.result.rows.push_back(
        {to_lower(definition.name.name) + "/" + file.path, std::to_string(file.size), file.md5, rfc1123(file.modified_us)});
  }
  return out;
}

StatementResult Executor::remove_files(Translator& sql) {
  sql.next();
  const StageReference target = stage_argument(sql);
  const auto pattern = pattern_clause(sql);
  sql.expect_end();
  const StageDefinition definition = reachable_stage(target.name, "WRITE");
  StatementResult out;
  out.type = statement_type::kRemove;
  out.result.columns = {text_column("name"), text_column("result")};
  for (const StagedFile& file : matching_files(definition, target.path, pattern)) {
    state_.stages.remove(definition, file.path);
    out.result.rows.push_back({to_lower(definition.name.name) + "/" + file.path, "removed"});
  }
  return out;
}

}  // namespace imednet::sandbox::snowflake
