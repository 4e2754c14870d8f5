#include "pipeline/expected_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "imednet/errors.h"

namespace imednet::pipeline {
namespace {

std::size_t text_size(const table::RecordRow& row) {
  std::size_t size = 0;
  table::for_each_cell(row, [&size](const auto& cell) {
    if constexpr (std::is_same_v<std::decay_t<decltype(cell)>, table::TextCell>) size += cell ? cell->size() : 0;
  });
  return size;
}

}  // namespace

void ExpectedRows::Reading::step() {
  const std::optional<std::int64_t> before = id;
  for (;;) {
    if (!rows) {
      id.reset();
      if (next_file == files.size()) return;
      rows.emplace(files[next_file++]);
    }
    if (rows->next()) break;
    rows.reset();
  }
  id = rows->row().record_id.value_or(0);
  if (!before || *before <= *id) return;
  throw errors::ExportError(
      fmt::format("cannot compare the rows of {}: they are not in the order of their ids", files[next_file - 1].string()),
      {.code = errors::ErrorCode::unsupported,
       .hint = "the API did not sort when these files were read; export the study again",
       .origin = {.system = "local"}});
}

ExpectedRows::ExpectedRows(std::vector<ReadingFiles> readings, std::vector<IdsBetween> parts) : parts_(std::move(parts)) {
  for (ReadingFiles& files : readings) {
    readings_.push_back({.files = std::move(files)});
    readings_.back().step();
  }
}

// Ids only rise.
bool ExpectedRows::is_within(std::int64_t id) {
  while (part_ < parts_.size() && parts_[part_].second < id) ++part_;
  return part_ < parts_.size() && parts_[part_].first < id;
}

bool ExpectedRows::next() {
  for (;;) {
    std::optional<std::int64_t> least;
    for (const Reading& reading : readings_) {
      if (reading.id && (!least || *reading.id < *least)) least = reading.id;
    }
    if (!least) return false;
    id_ = *least;
    const bool counts = is_within(id_);
    for (Reading& reading : readings_) {  // the newest comes last and stays
      bool is_first = true;
      while (reading.id == id_) {
        if (counts && (is_first || is_newer(*reading.rows))) keep(*reading.rows);
        is_first = false;
        reading.step();
      }
    }
    if (counts) return true;
  }
}

// Of two rows of one record in one reading the merge takes the newest, then the later one.
bool ExpectedRows::is_newer(const staging::FileRows& rows) const {
  const auto& theirs = rows.row().date_modified.micros;
  return !row_.date_modified.micros || (theirs && *theirs >= *row_.date_modified.micros);
}

void ExpectedRows::keep(const staging::FileRows& rows) {
  row_ = rows.row();
  hash_ = rows.hash();
  texts_.clear();
  texts_.reserve(text_size(row_));  // so that the views below stay good
  table::for_each_cell(row_, [this](auto& cell) {
    if constexpr (std::is_same_v<std::decay_t<decltype(cell)>, table::TextCell>) {
      if (!cell) return;
      const std::size_t start = texts_.size();
      texts_.append(*cell);
      cell = std::string_view(texts_).substr(start);
    }
  });
}

}  // namespace imednet::pipeline
