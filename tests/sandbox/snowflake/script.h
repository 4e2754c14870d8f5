// script.h: statements and what they answer, as text files beside the tests.
//
//   # a remark
//   SELECT 1            one statement; lines that begin with blanks go on with it
//   => 1;2              the answer's rows, cells with | between them
//   =~ part             is in the rows as text
//   =: A;B              names of the answer's columns
//   =! 002003 42S02 …   it fails: code, SQLSTATE, a part of the message
//   @file a/b.parquet SELECT …   writes a Parquet file with the engine and puts it on @MY_STAGE/a
//   @clock 86400        moves the server's clock that many seconds ahead of the wall
//   @client other       goes on as another session, signed in when first named
//   @close              ends this session
// A statement without any of these must succeed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace imednet::sandbox::snowflake::testing {

struct ScriptResult {
  size_t statements = 0;
  size_t refusals = 0;                // of them, those expected to fail
  std::vector<std::string> failures;  // file:line, statement, wanted, got
};

// Runs it against a server of its own.
ScriptResult run_script(const std::filesystem::path& file);

}  // namespace imednet::sandbox::snowflake::testing
