// verify_statements.h: the SQL texts that say whether a study's rows are still those that were loaded.
//
// Shape:  a checksum is three sums over a set of rows, in any order; as text "a:b:c". With h = a row's digest, and q = the remainder of h
//         by 2^31 - 1: a = sum of h, b = sum of q, c = sum of q * the row's id; empty for no rows. The digest of a record is HASH of its
//         data columns and row hash; of a typed row the sum of HASH(name, value) over its cells that are not null, so that a column
//         that comes later changes none.
// Why:    the server compares without sending rows, VARIANTs too. When one row of the set differs, the differences of c and b
//         give its id by division.
// Source: Snowflake's SQL reference (HASH, HASH_AGG: "to detect changes to a set of values"); ADR 0024.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sinks/snowflake/statements.h"

namespace imednet::sinks::snowflake {

// The digest of one row, and the checksum over such digests as the columns SUM_A, SUM_B, SUM_C: parts of statements.
std::string row_digest(const TableShape& shape);
std::string checksum_of(const TableShape& shape, std::string_view digest);

// One row a part that has live rows of the study: PART (from 0), ROW_COUNT, SUM_A, SUM_B, SUM_C. Part i reaches from behind ends[i - 1] up
// to ends[i]; the last one, ends.size(), has no end. `ends` rise.
SqlText part_checksums(const ObjectName& target, const TableShape& shape, std::string_view study, std::span<const std::int64_t> ends);

// Ids above the first and up to the second.
using IdsBetween = std::pair<std::int64_t, std::int64_t>;
// The study's live rows within `parts`, by their key: the layout's columns in their order, stamps as microseconds, JSON as text.
SqlText part_rows(const ObjectName& target, const TableShape& shape, std::string_view study, std::span<const IdsBetween> parts);

}  // namespace imednet::sinks::snowflake
