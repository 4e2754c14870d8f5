// memory_internal.h: where Arrow's and Parquet's buffers come from. Included by .cc files only.
//
// Why: of the allocators that Arrow brings, jemalloc gives memory back; the usual one keeps it, which cost half as much again at its peak
//      (docs/performance.md). Where a build of Arrow has no jemalloc, the system's own serves.
#pragma once

#include <arrow/memory_pool.h>

namespace imednet::table {

inline constexpr int kKeptFor = 100;  // ms, of what was freed; a second by default

inline arrow::MemoryPool* memory_pool() {
  static arrow::MemoryPool* const kPool = [] {
    arrow::MemoryPool* pool = nullptr;
    if (!arrow::jemalloc_memory_pool(&pool).ok()) return arrow::system_memory_pool();
    static_cast<void>(arrow::jemalloc_set_decay_ms(kKeptFor));
    return pool;
  }();
  return kPool;
}

}  // namespace imednet::table
