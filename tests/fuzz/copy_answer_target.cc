// COPY's answer: only files that were asked for are reported, with the figures of their own rows.
#include <algorithm>
#include <charconv>

#include "fuzz/target.h"
#include "imednet/errors.h"
#include "sinks/snowflake/copy_answer.h"

namespace imednet::fuzz {
namespace {

using namespace sinks::snowflake;

const std::vector<std::string> kPaths = {"imednet/0a/S_records_0.parquet", "imednet/0b/S_records_1.parquet", "f.parquet"};

std::vector<std::string> cut(std::string_view text, char separator, std::size_t most) {
  const auto count = std::min(most, static_cast<std::size_t>(std::count(text.begin(), text.end(), separator)) + 1);
  return parts_of(text, count, separator);
}

// Lines are rows, the first one the names of the columns; a cell "-" is null.
db::Answer answer_in(std::string_view input) {
  db::Answer answer;
  for (const std::string& line : cut(input, '\n', 8)) {
    const std::vector<std::string> cells = cut(line, ',', 8);
    if (answer.columns.empty()) {
      answer.columns = cells;
      continue;
    }
    std::vector<db::Cell> row(answer.columns.size());
    for (std::size_t i = 0; i < row.size() && i < cells.size(); ++i) {
      if (cells[i] != "-") row[i] = cells[i];
    }
    answer.rows.push_back(std::move(row));
  }
  return answer;
}

// Leading zeros change nothing.
std::int64_t number_in(const std::string& text) {
  std::int64_t number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void check(const db::Answer& answer) {
  std::map<std::string, CopiedFile, std::less<>> files;
  try {
    files = read_copy_answer(answer, kPaths);
  } catch (const ImednetError& error) {
    require(error.code() == errors::ErrorCode::protocol, "an answer that can't be read breaks the protocol");
    return;
  }
  require(files.size() <= answer.rows.size(), "no file is made up");
  for (const auto& [path, copied] : files) {
    require(std::find(kPaths.begin(), kPaths.end(), path) != kPaths.end(), "a file was asked for");
    const auto is_its_row = [&, &path = path, &copied = copied](const std::vector<db::Cell>& row) {
      const auto at = [&](const char* name) { return row[*answer.find(name)].value_or(""); };
      return at("file").ends_with(path) && at("status") == copied.status && number_in(at("rows_loaded")) == copied.rows_loaded;
    };
    require(std::any_of(answer.rows.begin(), answer.rows.end(), is_its_row), "status and rows are those of the file's own row");
  }
}

void run(std::string_view input) {
  check(answer_in(input));
  check(answer_in("file,status,rows_loaded\n" + std::string(input)));
  const auto named = file_named_in(input, kPaths);
  require(!named || (*named < kPaths.size() && input.find(kPaths[*named]) != std::string_view::npos), "a named file is named");
}

}  // namespace

Target copy_answer_target() {
  return {run,
          {"file",
           "status",
           "rows_loaded",
           "FILE",
           ",",
           "\n",
           "imednet/0a/S_records_0.parquet",
           "imednet/0b/S_records_1.parquet",
           "f.parquet",
           "@st/",
           "s3://b/",
           ",LOADED,",
           ",LOAD_SKIPPED,",
           "0",
           "1",
           "50000",
           "-1",
           "+1",
           " 1",
           "9223372036854775808",
           "1e3",
           "-",
           "Copy executed with 0 files processed."}};
}

}  // namespace imednet::fuzz
