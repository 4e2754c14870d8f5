#include "pipeline/chunk_queues.h"

#include <arrow/record_batch.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "imednet/errors.h"
#include "unit/table/rows.h"

namespace imednet::pipeline {
namespace {

staging::RowChunk chunk_of(unsigned seed, int rows = 40) {
  table::RecordsBuilder builder("S");
  for (const Record& record : testing_rows::RandomRecords(seed).many(rows)) builder.append(record);
  const std::size_t bytes = builder.bytes();
  return {.rows = builder.finish(), .bytes = bytes, .ends_batch = seed % 2 == 0};
}

TEST(ChunkQueueTest, GivesBackWhatItTookInOrderPackedOrNot) {
  for (const std::size_t plain : {std::size_t{0}, std::size_t{1} << 30}) {
    ChunkQueues queues(2, {.plain_bytes = plain, .most_bytes = std::size_t{1} << 30});
    for (unsigned i = 0; i < 5; ++i) queues.push(1, chunk_of(i));
    queues.close(1);
    for (unsigned i = 0; i < 5; ++i) {
      const auto chunk = queues.pop(1);
      ASSERT_TRUE(chunk);
      EXPECT_TRUE(chunk->rows->Equals(*chunk_of(i).rows));
      EXPECT_EQ(chunk->ends_batch, i % 2 == 0);
    }
    EXPECT_FALSE(queues.pop(1));
  }
}

TEST(ChunkQueueTest, AlwaysTakesTheChunkThatIsNeededNext) {
  ChunkQueues queues(2, {.plain_bytes = 0, .most_bytes = 1});
  queues.push(0, chunk_of(1));  // more than is allowed already
  queues.push(1, chunk_of(2));
  EXPECT_TRUE(queues.pop(1));
  EXPECT_TRUE(queues.pop(0));
}

TEST(ChunkQueueTest, LetsTheReaderWaitAndThenGoOn) {
  ChunkQueues queues(1, {.plain_bytes = 0, .most_bytes = 1});
  std::atomic<int> pushed = 0;
  std::jthread reader([&] {
    for (unsigned i = 0; i < 50; ++i) {
      queues.push(0, chunk_of(i, 3));
      ++pushed;
    }
    queues.close(0);
  });
  int popped = 0;
  while (queues.pop(0)) {
    ++popped;
    EXPECT_LE(pushed, popped + 2) << "one in the queue, one on its way";
  }
  EXPECT_EQ(popped, 50);
}

TEST(ChunkQueueTest, EndsEveryWaitWhenItIsStopped) {
  ChunkQueues queues(2, {.plain_bytes = 0, .most_bytes = 1});
  queues.push(0, chunk_of(1));
  std::atomic<int> cancelled = 0;
  const auto expect_cancelled = [&](auto&& action) {
    try {
      action();
    } catch (const ImednetError& error) {
      if (error.code() == errors::ErrorCode::cancelled) ++cancelled;
    }
  };
  {
    std::jthread writer([&] { expect_cancelled([&] { queues.pop(1); }); });
    std::jthread reader([&] { expect_cancelled([&] { queues.push(0, chunk_of(2)); }); });
    queues.stop();
  }
  expect_cancelled([&] { queues.push(1, chunk_of(3)); });
  EXPECT_EQ(cancelled, 3);
}

}  // namespace
}  // namespace imednet::pipeline
