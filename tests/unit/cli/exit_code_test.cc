#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include <csignal>
#include <functional>

namespace imednet::cli {
namespace {

using errors::ApiError;
using errors::ConfigurationError;
using errors::ErrorCode;
using errors::ErrorDetail;
using errors::ExportBatchError;
using errors::ExportConfigurationError;
using errors::ExportError;

template <class Error>
int code_for(ErrorCode code, const std::string& system, int signal = 0) {
  const ErrorDetail detail{.code = code, .origin = {.system = system}};
  if constexpr (std::is_same_v<Error, ExportBatchError>) {
    return exit_code_of(ExportBatchError("m", "S/records/0", detail), signal);
  } else {
    return exit_code_of(Error("m", detail), signal);
  }
}

TEST(ExitCode, NumbersAreThoseOfTheDocumentation) {
  EXPECT_EQ(kLoaded, 0);
  EXPECT_EQ(kInternal, 1);
  EXPECT_EQ(kUsage, 2);
  EXPECT_EQ(kBatch, 3);
  EXPECT_EQ(kLocked, 10);
  EXPECT_EQ(kSignIn, 11);
  EXPECT_EQ(kApi, 12);
  EXPECT_EQ(kDestination, 13);
  EXPECT_EQ(kInDoubt, 14);
  EXPECT_EQ(kCountsDiffer, 15);
  EXPECT_EQ(kSigint, 128 + SIGINT);
  EXPECT_EQ(kSigterm, 128 + SIGTERM);
}

struct Row {
  std::function<int(ErrorCode, const std::string&, int)> error;
  ErrorCode code;
  const char* system;
  int exit;
};

TEST(ExitCode, IsThatOfTheCause) {
  int line = 0;
  for (const Row& row : std::initializer_list<Row>{
           {code_for<ImednetError>, ErrorCode::internal, "", kInternal},
           {code_for<ExportError>, ErrorCode::internal, "driver", kInternal},
           {code_for<ConfigurationError>, ErrorCode::config, "", kUsage},
           {code_for<ConfigurationError>, ErrorCode::invalid_argument, "", kUsage},
           {code_for<ExportConfigurationError>, ErrorCode::config, "", kUsage},
           {code_for<ExportConfigurationError>, ErrorCode::invalid_argument, "local", kUsage},
           {code_for<ExportConfigurationError>, ErrorCode::unsupported, "", kUsage},
           {code_for<ExportError>, ErrorCode::io, "local", kUsage},
           {code_for<ExportBatchError>, ErrorCode::io, "local", kBatch},
           {code_for<ExportBatchError>, ErrorCode::decode, "local", kBatch},
           {code_for<ExportError>, ErrorCode::decode, "local", kBatch},
           {code_for<ExportError>, ErrorCode::corrupt, "local", kBatch},
           {code_for<ExportError>, ErrorCode::no_space, "local", kBatch},
           {code_for<ExportBatchError>, ErrorCode::rejected, "snowflake", kBatch},
           {code_for<ExportError>, ErrorCode::conflict, "snowflake", kLocked},
           {code_for<ExportError>, ErrorCode::conflict, "local", kLocked},
           {code_for<ExportConfigurationError>, ErrorCode::unauthenticated, "snowflake", kSignIn},
           {code_for<ExportConfigurationError>, ErrorCode::unauthenticated, "driver", kSignIn},
           {code_for<ExportBatchError>, ErrorCode::unauthenticated, "snowflake", kSignIn},
           {code_for<ApiError>, ErrorCode::unauthenticated, "imednet", kApi},
           {code_for<ApiError>, ErrorCode::timeout, "", kApi},
           {code_for<ExportConfigurationError>, ErrorCode::permission_denied, "snowflake", kDestination},
           {code_for<ExportConfigurationError>, ErrorCode::not_found, "snowflake", kDestination},
           {code_for<ExportConfigurationError>, ErrorCode::not_found, "driver", kDestination},
           {code_for<ExportConfigurationError>, ErrorCode::invalid_argument, "snowflake", kDestination},
           {code_for<ExportConfigurationError>, ErrorCode::unsupported, "snowflake", kDestination},
           {code_for<ExportConfigurationError>, ErrorCode::schema_mismatch, "snowflake", kDestination},
           {code_for<ExportBatchError>, ErrorCode::unavailable, "snowflake", kDestination},
           {code_for<ExportBatchError>, ErrorCode::timeout, "driver", kDestination},
           {code_for<ExportError>, ErrorCode::rejected, "snowflake", kDestination},
           {code_for<ExportError>, ErrorCode::duplicates, "snowflake", kDestination},
           {code_for<ExportError>, ErrorCode::duplicates, "", kDestination},
           {code_for<ExportError>, ErrorCode::shrink, "snowflake", kDestination},
           {code_for<ExportError>, ErrorCode::shrink, "", kDestination},
           {code_for<ExportBatchError>, ErrorCode::in_doubt, "snowflake", kInDoubt},
           {code_for<ExportError>, ErrorCode::in_doubt, "driver", kInDoubt},
           {code_for<ExportError>, ErrorCode::counts_differ, "snowflake", kCountsDiffer},
           {code_for<ExportError>, ErrorCode::counts_differ, "", kCountsDiffer},
           {code_for<ApiError>, ErrorCode::counts_differ, "imednet", kCountsDiffer},
           {code_for<ApiError>, ErrorCode::rejected, "imednet", kBatch},
           {code_for<ImednetError>, ErrorCode::cancelled, "local", kInternal},
       }) {
    EXPECT_EQ(row.error(row.code, row.system, 0), row.exit) << "row " << line << ": " << errors::code_name(row.code);
    ++line;
  }
}

TEST(ExitCode, EverythingElseOfTheApiIsTwelve) {
  for (int code = 0; code <= static_cast<int>(ErrorCode::internal); ++code) {
    const auto error = static_cast<ErrorCode>(code);
    if (error == ErrorCode::cancelled || error == ErrorCode::in_doubt || error == ErrorCode::internal || error == ErrorCode::conflict ||
        error == ErrorCode::counts_differ || error == ErrorCode::rejected) {
      continue;
    }
    EXPECT_EQ(code_for<ApiError>(error, "imednet"), kApi) << errors::code_name(error);
    EXPECT_EQ(code_for<ExportError>(error, "imednet"), kApi) << errors::code_name(error);
  }
}

TEST(ExitCode, AStopIsItsSignal) {
  EXPECT_EQ(code_for<ApiError>(ErrorCode::cancelled, "local", SIGINT), kSigint);
  EXPECT_EQ(code_for<ExportBatchError>(ErrorCode::cancelled, "snowflake", SIGTERM), kSigterm);
}

TEST(ExitCode, ASignalDoesNotHideAnotherCause) {
  EXPECT_EQ(code_for<ExportError>(ErrorCode::in_doubt, "snowflake", SIGINT), kInDoubt);
  EXPECT_EQ(code_for<ApiError>(ErrorCode::unavailable, "imednet", SIGTERM), kApi);
}

}  // namespace
}  // namespace imednet::cli
