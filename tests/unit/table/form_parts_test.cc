#include "table/form_parts.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "table/form_builder.h"
#include "table/form_layout.h"
#include "table/hashed_rows.h"
#include "table/part_rows.h"
#include "table/row_hash.h"

namespace imednet::table {
namespace {

constexpr std::size_t kOurs = 22;  // 18 of the record, _raw, _extra, _rest_hash, _row_hash

std::vector<Variable> numbered(std::size_t count, const std::string& type = "TEXT", const std::string& letter = "V") {
  std::vector<Variable> variables(count);
  for (std::size_t i = 0; i < count; ++i) {
    variables[i].variable_id = variables[i].sequence = static_cast<std::int64_t>(i);
    variables[i].variable_name = letter + std::to_string(i);
    variables[i].variable_type = type;
  }
  return variables;
}

std::vector<std::string> names_of(const FormPart& part) {
  std::vector<std::string> names;
  for (const Column& column : part.columns) names.emplace_back(column.name);
  return names;
}

// Variables of each part.
std::vector<std::size_t> sizes(const FormLayout& form) {
  std::vector<std::size_t> counts;
  const std::size_t of_first = form.parts().size() == 1 ? kOurs - 1 : kOurs;  // _rest_hash
  for (const FormPart& part : form.parts()) counts.push_back(part.columns.size() - (part.number == 1 ? of_first : 3));
  return counts;
}

// As a run would find the tables that the parts made.
std::vector<TableThere> made_of(const FormLayout& form) {
  std::vector<TableThere> tables;
  for (const FormPart& part : form.parts()) {
    tables.push_back({names_of(part)});
    for (const char* service : {"_file", "_run_id", "_loaded_at", "_deleted_at"}) tables.back().columns.emplace_back(service);
  }
  return tables;
}

TEST(FormParts, AFormThatFitsIsItsOnlyPart) {
  FormLayout form("DM", numbered(10), {});
  form.split({.columns = kOurs + 10}, {});
  ASSERT_EQ(form.parts().size(), 1u);
  EXPECT_EQ(names_of(form.parts()[0]).size(), form.layout().columns.size());
  EXPECT_EQ(names_of(form.parts()[0]).back(), "_row_hash");
  EXPECT_FALSE(form.parts()[0].layout.is_part);
}

TEST(FormParts, OneColumnMoreMakesASecondPartWithTheKey) {
  FormLayout form("DM", numbered(11), {});
  form.split({.columns = kOurs + 10}, {});
  ASSERT_EQ(sizes(form), (std::vector<std::size_t>{10, 1}));
  EXPECT_EQ(names_of(form.parts()[1]), (std::vector<std::string>{"study_key", "record_id", "V10", "_row_hash"}));
  const auto first = names_of(form.parts()[0]);
  EXPECT_EQ((std::vector<std::string>(first.end() - 4, first.end())),
            (std::vector<std::string>{"_raw", "_extra", "_rest_hash", "_row_hash"}));
  EXPECT_TRUE(form.parts()[1].layout.is_part);
}

TEST(FormParts, ADateAndItsTextStayTogether) {
  FormLayout form("DM", numbered(4, "DATE"), {});
  form.split({.columns = kOurs + 3}, {});
  EXPECT_EQ(sizes(form), (std::vector<std::size_t>{2, 2, 2, 2}));
}

TEST(FormParts, ARowHasToFitItsPageWhateverItsValuesAre) {
  const TableRoom room{.columns = 1'000, .row_bytes = 1'000, .text_bytes = 24, .other_bytes = 8};
  const std::size_t ours = 12 * room.text_bytes + 10 * room.other_bytes;  // texts: eight of the record, four at the end
  FormLayout texts("DM", numbered(60), {});
  texts.split(room, {});
  EXPECT_EQ(sizes(texts).front(), (room.row_bytes - ours) / room.text_bytes);
  FormLayout numbers("DM", numbered(60, "NUMBER"), {});
  numbers.split(room, {});
  EXPECT_EQ(sizes(numbers), (std::vector<std::size_t>{60}));
}

TEST(FormParts, ColumnsStayWhereTheyStandAndNewOnesComeBehind) {
  const TableRoom room{.columns = kOurs + 10};
  FormLayout before("DM", numbered(18), {});
  before.split(room, {});
  auto more = numbered(18);
  const auto later = numbered(4, "TEXT", "A");
  more.insert(more.begin(), later.begin(), later.end());  // first in the form
  FormLayout after("DM", more, {});
  after.split(room, made_of(before));
  EXPECT_EQ(sizes(after), (std::vector<std::size_t>{10, 10, 2}));
  EXPECT_EQ(names_of(after.parts()[0]), names_of(before.parts()[0]));
  EXPECT_EQ(names_of(after.parts()[2]), (std::vector<std::string>{"study_key", "record_id", "A2", "A3", "_row_hash"}));
}

TEST(FormParts, APartWhoseVariablesAreGoneStaysAndItsRoomIsNotTaken) {
  const TableRoom room{.columns = kOurs + 10};
  FormLayout before("DM", numbered(20), {});
  before.split(room, {});
  FormLayout after("DM", numbered(1, "TEXT", "B"), {});
  after.split(room, made_of(before));
  EXPECT_EQ(sizes(after), (std::vector<std::size_t>{0, 0, 1}));
}

TEST(FormParts, NamesAreComparedAsTheDestinationComparesThem) {
  const std::vector<TableThere> there{{{"record_id", "V0"}}, {{"record_id", "X0"}}};
  FormLayout form("DM", numbered(1, "TEXT", "v"), {});
  form.split({.columns = 100}, there);
  EXPECT_EQ(sizes(form), (std::vector<std::size_t>{1, 0}));
  form.split({.columns = 100, .tells_case = true}, there);
  EXPECT_EQ(sizes(form), (std::vector<std::size_t>{0, 1}));
}

TEST(FormParts, EachColumnSaysItsPartAndSaysItAnewWhenTheFormIsSplitAnew) {
  FormLayout form("DM", numbered(5, "DATE"), {});
  const auto parts = [&] {
    std::vector<std::size_t> found;
    for (const FormColumn& column : form.columns()) found.push_back(column.part);
    return found;
  };
  EXPECT_EQ(parts(), (std::vector<std::size_t>{1, 1, 1, 1, 1}));
  form.split({.columns = kOurs + 4}, {});
  EXPECT_EQ(parts(), (std::vector<std::size_t>{1, 1, 2, 2, 3}));
  for (const FormColumn& column : form.columns()) {
    const auto& places = form.parts()[column.part - 1].places;
    EXPECT_NE(std::ranges::find(places, column.place), places.end());
    EXPECT_NE(std::ranges::find(places, *column.text_place), places.end());
  }
  form.split({}, {});
  EXPECT_EQ(parts(), (std::vector<std::size_t>{1, 1, 1, 1, 1}));
}

struct Rows {
  std::shared_ptr<arrow::RecordBatch> first, second;
};

Rows rows_of(const FormLayout& form, std::string_view answers) {
  FormBuilder builder(form);
  RecordRow row;
  row.study_key = "S";
  row.record_id = 7;
  row.record_data = answers;
  builder.append(row);
  const auto whole = builder.finish();
  return {PartRows(form, form.parts()[0]).of(whole), PartRows(form, form.parts()[1]).of(whole)};
}

std::string hash_in(const arrow::RecordBatch& batch, const std::string& column) {
  const auto scalar = batch.GetColumnByName(column)->GetScalar(0).ValueOrDie();
  return scalar->is_valid ? scalar->ToString() : "(null)";
}

TEST(PartRows, EachPartHasItsValuesAndItsOwnHash) {
  FormLayout form("DM", numbered(4), {});
  form.split({.columns = kOurs + 2}, {});
  const Rows rows = rows_of(form, R"({"V0":"a","v3":"d","no":1})");
  EXPECT_EQ(hash_in(*rows.first, "V0"), "a");
  EXPECT_EQ(hash_in(*rows.first, "_extra"), R"({"no":1})");
  EXPECT_EQ(hash_in(*rows.second, "V3"), "d");
  EXPECT_EQ(hash_in(*rows.second, "record_id"), "7");
  for (std::size_t i = 0; i < 2; ++i) {
    HashedRows hashed(form.parts()[i].layout);
    hashed.open(i == 0 ? *rows.first : *rows.second);
    EXPECT_EQ(hashed.stored(0), hashed.computed(0));
  }
}

TEST(PartRows, AnAnswerInAFurtherPartChangesTheFirstRowToo) {
  FormLayout form("DM", numbered(4), {});
  form.split({.columns = kOurs + 2}, {});
  const Rows none = rows_of(form, R"({"V0":"a"})"), one = rows_of(form, R"({"V0":"a","V3":"d"})"),
             other = rows_of(form, R"({"V0":"a","V3":"e"})");
  EXPECT_EQ(hash_in(*none.first, "_rest_hash"), "(null)");
  EXPECT_NE(hash_in(*one.first, "_rest_hash"), hash_in(*other.first, "_rest_hash"));
  EXPECT_NE(hash_in(*one.first, "_row_hash"), hash_in(*other.first, "_row_hash"));
}

TEST(PartRows, TheHashOfTheRestIsOverEveryFurtherPart) {
  FormLayout form("DM", numbered(6), {});
  form.split({.columns = kOurs + 2}, {});
  ASSERT_EQ(form.parts().size(), 3u);
  const std::string_view answers[] = {R"({"V0":"a"})", R"({"V2":"c"})", R"({"V4":"c"})", R"({"V2":"c","V4":"c"})",
                                      R"({"V2":"c","V5":"c"})"};
  std::set<std::string> rest;
  for (const std::string_view answer : answers) rest.insert(hash_in(*rows_of(form, answer).first, "_rest_hash"));
  EXPECT_EQ(rest.size(), std::size(answers));
}

TEST(PartRows, AFurtherPartWithoutAnswersChangesNoHashOfTheFirst) {
  FormLayout whole("DM", numbered(2), {});
  FormBuilder builder(whole);
  RecordRow row;
  row.study_key = "S";
  row.record_id = 7;
  row.record_data = R"({"V0":"a"})";
  builder.append(row);
  FormLayout form("DM", numbered(4), {});
  form.split({.columns = kOurs + 2}, {});
  EXPECT_EQ(hash_in(*rows_of(form, R"({"V0":"a"})").first, "_row_hash"), hash_in(*builder.finish(), "_row_hash"));
}

}  // namespace
}  // namespace imednet::table
