#include "core/exit_code.h"

namespace imednet::core {

using errors::ErrorCode;

int exit_code_of(const ImednetError& error, int signal) {
  switch (error.code()) {
    case ErrorCode::cancelled:
      return signal == 0 ? kInternal : 128 + signal;
    case ErrorCode::in_doubt:
      return kInDoubt;
    case ErrorCode::internal:
      return kInternal;
    case ErrorCode::conflict:
      return kLocked;
    default:
      break;
  }
  const std::string& system = error.origin().system;
  if (error.code() == ErrorCode::counts_differ) return kCountsDiffer;             // whoever's counts they are
  if (system == "imednet" && error.code() == ErrorCode::rejected) return kBatch;  // a job that ended as failed
  if (system == "imednet" || dynamic_cast<const errors::ApiError*>(&error) != nullptr) return kApi;
  if (error.code() == ErrorCode::duplicates || error.code() == ErrorCode::shrink) return kDestination;
  const bool is_destination =
      system == "snowflake" || system == "driver" || system == "duckdb" || system == "sqlite" || system == "postgresql";
  if (is_destination) {
    if (error.code() == ErrorCode::unauthenticated) return kSignIn;
    if (error.code() == ErrorCode::rejected && dynamic_cast<const errors::ExportBatchError*>(&error) != nullptr) return kBatch;
    return kDestination;
  }
  switch (error.code()) {
    case ErrorCode::invalid_argument:
    case ErrorCode::config:
    case ErrorCode::unsupported:
      return kUsage;
    case ErrorCode::io:
      return dynamic_cast<const errors::ExportBatchError*>(&error) != nullptr ? kBatch : kUsage;
    default:
      return kBatch;
  }
}

}  // namespace imednet::core
