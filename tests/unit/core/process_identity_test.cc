#include "core/process_identity.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace imednet::core {
namespace {

TEST(ProcessIdentity, ThisProcessLivesAndSaysTheSameTwice) {
  const ProcessIdentity self = this_process();
  EXPECT_EQ(self, this_process());
  EXPECT_EQ(self.pid, getpid());
  EXPECT_GT(self.started, 0);
  EXPECT_FALSE(self.host.empty());
  EXPECT_EQ(self.boot_id.size(), 36u) << self.boot_id;
  EXPECT_EQ(self.pid_namespace.substr(0, 5), "pid:[");
  EXPECT_TRUE(self.is_alive());
}

TEST(ProcessIdentity, TheSamePidWithAnotherStartIsADeadProcess) {
  ProcessIdentity other = this_process();
  other.started -= 1;
  EXPECT_EQ(other.liveness(), Liveness::dead);
}

TEST(ProcessIdentity, AProcessOfAnotherBootOrContainerIsElsewhere) {
  ProcessIdentity rebooted = this_process();
  rebooted.boot_id = "00000000-0000-0000-0000-000000000000";
  rebooted.started -= 1;
  EXPECT_EQ(rebooted.liveness(), Liveness::elsewhere);
  ProcessIdentity contained = this_process();
  contained.pid_namespace = "pid:[1]";
  contained.started -= 1;
  EXPECT_EQ(contained.liveness(), Liveness::elsewhere);
}

TEST(ProcessIdentity, WithoutABootOrANamespaceNobodyIsCalledDead) {
  EXPECT_EQ(ProcessIdentity{}.liveness(), Liveness::elsewhere);
  ProcessIdentity unknown = this_process();
  unknown.pid_namespace.clear();
  unknown.started -= 1;
  EXPECT_EQ(unknown.liveness(), Liveness::elsewhere);
}

TEST(ProcessIdentity, AChildThatEndedIsDeadBeforeAndAfterItIsReaped) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    close(ends[1]);
    char byte = 0;
    _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);  // lives until its parent lets go
  }
  close(ends[0]);
  const ProcessIdentity identity = identity_of(child);
  EXPECT_TRUE(identity.is_alive());
  close(ends[1]);
  siginfo_t facts{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(child), &facts, WEXITED | WNOWAIT), 0);
  EXPECT_EQ(identity.liveness(), Liveness::dead) << "a process that has ended and waits for its parent does nothing any more";
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  EXPECT_EQ(identity.liveness(), Liveness::dead);
}

}  // namespace
}  // namespace imednet::core
