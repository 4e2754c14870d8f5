// memory_internal.h: where Arrow's and Parquet's buffers come from. Included by .cc files only.
//
// Why: of the allocators that Arrow brings, jemalloc gives memory back; the usual one keeps it, which cost half as much again at its peak
//      (docs/performance.md). Where a build of Arrow has no jemalloc, the system's own serves.
#pragma once

#include <arrow/memory_pool.h>

namespace imednet::table {

inline arrow::MemoryPool* memory_pool() {
  static arrow::MemoryPool* const kPool = [] {
    arrow::MemoryPool* pool = nullptr;
    return arrow::jemalloc_memory_pool(&pool).ok() ? pool : arrow::system_memory_pool();
  }();
  return kPool;
}

}  // namespace imednet::table
