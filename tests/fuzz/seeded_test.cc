// Each target with a fixed soup.
#include <gtest/gtest.h>

#include "fuzz/soup.h"
#include "fuzz/target.h"

namespace imednet::fuzz {
namespace {

TEST(AnyText, IsOneNameOrRefused) { try_many(identifiers_target()); }
TEST(AnyText, KeepsItsPlaceInAStatement) { try_many(statements_target()); }
TEST(AnyText, IsQuotedRightForTheSandboxsEngine) { try_many(sandbox_names_target()); }
TEST(AnyText, NamesABatchPlainlyAndAlone) { try_many(batch_names_target()); }
TEST(AnyText, InAManifestIsReadOrCorrupt) { try_many(manifest_target()); }
TEST(AnyText, InACopyAnswerIsReadOrRefused) { try_many(copy_answer_target()); }
TEST(AnyText, InAConnectionFileIsReadOrRefusedUnseen) { try_many(connection_file_target()); }
TEST(AnyText, AroundAKeyLeavesTheKey) { try_many(key_text_target()); }
TEST(AnyText, SentToTheObjectStoreIsTakenAsOneThingOrRefused) { try_many(store_requests_target()); }
TEST(AnyText, ForAVariantIsJudgedAsAnotherReaderDoes) { try_many(variant_target()); }
TEST(AnyText, AsAnElementIsReadAsAnotherReaderDoes) { try_many(models_target()); }
TEST(AnyText, InPlaceOfAPageIsAPageOrAnError) { try_many(envelope_target()); }
TEST(AnyText, ToBeSentSaysWhatWasGiven) { try_many(record_input_target()); }
TEST(AnyText, AboutAJobIsAJobOrNone) { try_many(job_target()); }
TEST(AnyText, InAFilterHasOneReading) { try_many(filter_builder_target()); }

}  // namespace
}  // namespace imednet::fuzz
