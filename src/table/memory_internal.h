// memory_internal.h: where Arrow's and Parquet's buffers come from. Included by .cc files only.
//
// Why: the allocator that Arrow uses by itself (mimalloc) keeps what was freed, which cost half as much again at its peak; the system's
//      gives it back (docs/performance.md).
#pragma once

#include <arrow/memory_pool.h>

namespace imednet::table {

inline arrow::MemoryPool* memory_pool() { return arrow::system_memory_pool(); }

}  // namespace imednet::table
