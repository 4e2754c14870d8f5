#include "script.h"

#include <fstream>
#include <map>

#include "client.h"

namespace imednet::sandbox::snowflake::testing {

namespace {

struct Step {
  size_t line = 0;
  std::string text;
  std::vector<std::pair<std::string, std::string>> wanted;  // "=>", rest
};

std::vector<Step> read_steps(const std::filesystem::path& file) {
  std::vector<Step> steps;
  std::ifstream in(file);
  std::string line;
  for (size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    if (line[0] == ' ' && !steps.empty()) {
      steps.back().text += "\n" + line;
    } else if (line[0] == '=' && line.size() > 1 && !steps.empty()) {
      steps.back().wanted.emplace_back(line.substr(0, 2), line.size() > 3 ? line.substr(3) : "");
    } else {
      steps.push_back({number, line, {}});
    }
  }
  return steps;
}

std::string cells(const Json& answer) {
  std::string out;
  for (const Json& row : answer["data"]["rowset"]) {
    if (!out.empty()) out += ";";
    for (size_t i = 0; i < row.size(); ++i) out += (i ? "|" : "") + (row[i].is_null() ? "NULL" : row[i].get<std::string>());
  }
  return out;
}

std::string names(const Json& answer) {
  std::string out;
  for (const Json& column : answer["data"]["rowtype"]) out += (out.empty() ? "" : ";") + column["name"].get<std::string>();
  return out;
}

// "" when the answer is what was wanted, else what it was.
std::string difference(const Json& answer, const std::string& kind, const std::string& wanted) {
  const bool succeeded = answer["success"].get<bool>();
  std::string error;
  if (!succeeded) {
    const std::string state = answer["data"].is_object() ? answer["data"].value("sqlState", "") : "";
    error = answer["code"].get<std::string>() + " " + state + " " + answer["message"].get<std::string>();
  }
  if (kind == "=!") {
    if (succeeded) return "success: " + cells(answer);
    if (wanted.empty()) return "";
    const size_t first = wanted.find(' ');
    const size_t second = first == std::string::npos ? first : wanted.find(' ', first + 1);
    if (error.find(wanted.substr(0, second)) != 0) return error;
    return second != std::string::npos && error.find(wanted.substr(second + 1)) == std::string::npos ? error : "";
  }
  if (!succeeded) return error;
  if (kind == "=:") return names(answer) == wanted ? "" : names(answer);
  const std::string rows = cells(answer);
  if (kind == "=~") return rows.find(wanted) != std::string::npos ? "" : rows;
  return rows == wanted ? "" : rows;
}

class Run {
 public:
  explicit Run(const std::filesystem::path& file) : file_(file) {}

  ScriptResult all() {
    for (const Step& step : read_steps(file_)) {
      if (step.text[0] == '@' ? order(step) : statement(step)) continue;
      result_.failures.push_back(where(step) + "not understood");
    }
    return result_;
  }

 private:
  std::string where(const Step& step) const {
    return file_.filename().string() + ":" + std::to_string(step.line) + ": " + step.text + "\n    ";
  }

  Client& client() {
    auto& known = clients_[name_];
    if (!known) known = std::make_unique<Client>(server_.port(), "secret", Json{{"TIMEZONE", "UTC"}});
    return *known;
  }

  bool order(const Step& step) {
    const size_t blank = step.text.find(' ');
    const std::string word = step.text.substr(0, blank);
    const std::string rest = blank == std::string::npos ? "" : step.text.substr(blank + 1);
    if (word == "@clock") return tell(server_.port(), "clock", {{"offset_seconds", std::stoll(rest)}}) == 200;
    if (word == "@client") return name_ = rest, true;
    if (word == "@close") return client().close(), clients_.erase(name_), true;
    if (word != "@file") return false;
    const size_t end = rest.find(' ');
    const std::string path = rest.substr(0, end);
    const size_t slash = path.rfind('/');
    const auto local = directory_.path() / "made" / path.substr(slash + 1);
    write_parquet(local, rest.substr(end + 1));
    return put_file(client(), local, "@MY_STAGE/" + path.substr(0, slash)).empty();
  }

  bool statement(const Step& step) {
    ++result_.statements;
    const Json answer = client().run(step.text);
    auto wanted = step.wanted;
    if (wanted.empty()) wanted.emplace_back("=~", "");
    if (wanted[0].first == "=!") ++result_.refusals;
    for (const auto& [kind, text] : wanted) {
      const std::string got = difference(answer, kind, text);
      const bool empty_rows = got.empty() && kind == "=>" && !text.empty() && cells(answer) != text;
      if (!got.empty() || empty_rows) result_.failures.push_back(where(step) + "wanted " + kind + " " + text + "\n    got       " + got);
    }
    return true;
  }

  std::filesystem::path file_;
  TempDir directory_;
  SnowflakeServer server_{options_in(directory_.path() / "data")};
  std::map<std::string, std::unique_ptr<Client>> clients_;
  std::string name_ = "one";
  ScriptResult result_;
};

}  // namespace

ScriptResult run_script(const std::filesystem::path& file) { return Run(file).all(); }

}  // namespace imednet::sandbox::snowflake::testing
