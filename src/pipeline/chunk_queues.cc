#include "pipeline/chunk_queues.h"

#include <utility>

#include "core/retry.h"

namespace imednet::pipeline {

void ChunkQueues::require_going() const {
  if (is_stopped_) core::throw_cancelled();
}

void ChunkQueues::push(std::size_t queue, staging::RowChunk chunk) {
  std::unique_lock lock(mutex_);
  require_going();
  Waiting waiting{.chunk = chunk, .bytes = chunk.bytes};
  if (held_ + chunk.bytes > limits_.plain_bytes && !queues_[queue].waiting.empty()) {
    lock.unlock();
    staging::PackedChunk packed(chunk);
    waiting.bytes = packed.bytes();
    waiting.chunk = std::move(packed);
    chunk = {};
    lock.lock();
  }
  changed_.wait(lock, [&] { return is_stopped_ || queues_[queue].waiting.empty() || held_ + waiting.bytes <= limits_.most_bytes; });
  require_going();
  held_ += waiting.bytes;
  queues_[queue].waiting.push_back(std::move(waiting));
  changed_.notify_all();
}

std::optional<staging::RowChunk> ChunkQueues::pop(std::size_t queue) {
  std::unique_lock lock(mutex_);
  Queue& own = queues_[queue];
  changed_.wait(lock, [&] { return is_stopped_ || own.is_closed || !own.waiting.empty(); });
  require_going();
  if (own.waiting.empty()) return std::nullopt;
  Waiting first = std::move(own.waiting.front());
  own.waiting.pop_front();
  held_ -= first.bytes;
  changed_.notify_all();
  lock.unlock();
  if (auto* packed = std::get_if<staging::PackedChunk>(&first.chunk)) return packed->unpack();
  return std::get<staging::RowChunk>(std::move(first.chunk));
}

void ChunkQueues::close(std::size_t queue) {
  const std::lock_guard lock(mutex_);
  queues_[queue].is_closed = true;
  changed_.notify_all();
}

void ChunkQueues::stop() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  changed_.notify_all();
}

}  // namespace imednet::pipeline
