// main.cc: the process the sink is tested in: environment first, then the sandbox, then the driver, then the tests.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "e2e_cpp/sink_case.h"
#include "e2e_cpp/sink_places.h"

namespace imednet::e2e {
namespace {

constexpr const char* kRoot = "IMEDNET_SINK_E2E_ROOT";
constexpr int kPeoplesSignals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGUSR1, SIGUSR2, SIGCHLD};

std::unique_ptr<SandboxProcess> g_sandbox;
DriverLoading g_loading;

void ours(int) {}

// Loads the driver with handlers of our own in place, and looks at them afterwards.
DriverLoading load_driver() {
  struct sigaction mine {};
  mine.sa_handler = ours;
  for (const int signal : kPeoplesSignals) sigaction(signal, &mine, nullptr);
  struct sigaction before {};
  sigaction(SIGINT, nullptr, &before);
  {
    integrations::SnowflakeSinkConfig config{.account = g_sandbox->text("account"),
                                             .user = g_sandbox->text("user"),
                                             .password = g_sandbox->text("password"),
                                             .database = g_sandbox->text("database"),
                                             .warehouse = g_sandbox->text("warehouse"),
                                             .stage = g_sandbox->text("stage"),
                                             .table = "NEVER_MADE"};
    config.host = g_sandbox->text("host");
    config.port = g_sandbox->port();
    config.protocol = "http";
    config.ocsp = false;
    integrations::SnowflakeExportSink sink(config);
    sink.close();
  }
  DriverLoading seen;
  struct sigaction now {};
  for (const int signal : kPeoplesSignals) {
    sigaction(signal, nullptr, &now);
    if (now.sa_handler != ours || now.sa_flags != before.sa_flags) seen.changed_signals.push_back(signal);
  }
  sigaction(SIGURG, nullptr, &now);
  seen.runtime_took_its_own = now.sa_handler != SIG_DFL;
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  for (const int signal : kPeoplesSignals) sigaction(signal, &usual, nullptr);
  usual.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &usual, nullptr);
  return seen;
}

class WithSandbox : public testing::Environment {
 public:
  void SetUp() override {
    const std::filesystem::path programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
    g_sandbox = std::make_unique<SandboxProcess>(programs / "imednet-sandbox", std::filesystem::path(std::getenv(kRoot)) / "data");
    g_loading = load_driver();
  }
  void TearDown() override {
    end_postgresql();
    g_sandbox.reset();
  }
};

// The driver copies the environment the process was started with, so it is set before this very program is started again.
void start_again(char** argv) {
  std::string root = (std::filesystem::temp_directory_path() / "imednet-sink-e2e-XXXXXX").string();
  if (mkdtemp(root.data()) == nullptr) return;
  std::filesystem::create_directory(root + "/tmp");
  setenv(kRoot, root.c_str(), 1);
  setenv("TMPDIR", (root + "/tmp").c_str(), 1);
  setenv("SNOWFLAKE_DISABLE_PLATFORM_DETECTION", "true", 1);
  setenv("SF_DISABLE_MINICORE", "true", 1);
  setenv("SSL_CERT_FILE", (root + "/data/trusted-roots.pem").c_str(), 1);  // the sandbox will write it, for its stages
  execv("/proc/self/exe", argv);
}

}  // namespace

SandboxProcess& sandbox() { return *g_sandbox; }
std::filesystem::path temporary_root() { return std::filesystem::path(std::getenv(kRoot)) / "tmp"; }
const DriverLoading& driver_loading() { return g_loading; }

}  // namespace imednet::e2e

int main(int argc, char** argv) {
  if (std::getenv(imednet::e2e::kRoot) == nullptr) {
    imednet::e2e::start_again(argv);
    std::perror("sink_e2e_test: cannot start again");
    return 1;
  }
  testing::InitGoogleMock(&argc, argv);
  testing::AddGlobalTestEnvironment(new imednet::e2e::WithSandbox);
  const int failed = RUN_ALL_TESTS();
  std::error_code ignored;
  std::filesystem::remove_all(std::getenv(imednet::e2e::kRoot), ignored);
  return failed;
}
