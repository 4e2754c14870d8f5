// failpoint.h: places where a test may end this process or have a call fail. In the product nothing happens there.
//
// Rule:   the product links failpoint.cc, which does nothing; the test program `imednet-failing` is made of the same objects and
//         tests/failing/failpoint.cc in its place. The points' names stand there only, so no object of the product holds them.
// Source: ADR 0025.
#pragma once

#include <string_view>

namespace imednet::core {

// A point without "before" in its comment stands after what it names.
enum class Failpoint {
  folder_made,         // the run's temporary folder
  folder_remove,       // before it is removed
  folder_removed,      //
  state_write,         // before a line of the run's state; `what`: its event
  state_written,       //
  state_synced,        //
  manifest_write,      // before a line of the manifest
  manifest_written,    //
  manifest_synced,     //
  file_write,          // before a small file that replaces another one, as the run's totals
  file_written,        //
  file_synced,         //
  file_renamed,        //
  body_part,           // a piece of an HTTP answer has come
  staged_write,        // before a row group of a staged file
  staged_written,      // the whole file, its footer too
  staged_synced,       //
  staged_named,        //
  statement_send,      // before a statement of a signed-in session; `what`: its step
  statement_answered,  //
};

// The errno that the caller is to meet here; 0: go on, which is all that the product ever hears.
int failpoint(Failpoint point, std::string_view what = {}) noexcept;

}  // namespace imednet::core
