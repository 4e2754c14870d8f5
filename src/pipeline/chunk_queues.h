// chunk_queues.h: chunks of rows on their way from who reads a range to who writes the file they belong in.
//
// Where it stands: range reader → this → BatchFiles.   Threads: one writer and one reader a queue, any number of queues.
// Memory: all queues together hold `plain_bytes` as they are; what comes on top is compressed, and above `most_bytes` whoever brings it
//         waits. A queue that is empty always takes one chunk, so the rows that are needed next are never kept waiting.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>

#include "staging/row_chunks.h"

namespace imednet::pipeline {

struct QueueLimits {
  std::size_t plain_bytes = 12u << 20;
  std::size_t most_bytes = 24u << 20;
};

class ChunkQueues {
 public:
  explicit ChunkQueues(std::size_t count, const QueueLimits& limits = {}) : queues_(count), limits_(limits) {}

  // Throws ImednetError (cancelled) after stop().
  void push(std::size_t queue, staging::RowChunk chunk);
  // The next chunk; nullopt when the queue is closed and empty. Throws as push.
  std::optional<staging::RowChunk> pop(std::size_t queue);
  // Nothing more comes.
  void close(std::size_t queue);
  // Nobody waits any longer.
  void stop();

 private:
  struct Waiting {
    std::variant<staging::RowChunk, staging::PackedChunk> chunk;
    std::size_t bytes = 0;
  };
  struct Queue {
    std::deque<Waiting> waiting;
    bool is_closed = false;
  };
  void require_going() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Queue> queues_;
  QueueLimits limits_;
  std::size_t held_ = 0;  // bytes
  bool is_stopped_ = false;
};

}  // namespace imednet::pipeline
