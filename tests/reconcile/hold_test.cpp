#include "reconcile/hold.hpp"

#include <gtest/gtest.h>

namespace medibridge::reconcile {
namespace {

TEST(HoldReasonTest, EachReasonIsFoundByItsName) {
    for (int i = 0; i <= static_cast<int>(HoldReason::rejected); ++i) {
        const auto reason = static_cast<HoldReason>(i);
        EXPECT_EQ(hold_reason_named(name(reason)), reason);
    }
}

// The names stand in state files and scripts: they must not change with the enumeration.
TEST(HoldReasonTest, NamesStayAsTheyAre) {
    EXPECT_EQ(name(HoldReason::invalid), "invalid");
    EXPECT_EQ(name(HoldReason::ambiguous_source), "ambiguous_source");
    EXPECT_EQ(name(HoldReason::inactive_in_his), "inactive_in_his");
    EXPECT_EQ(name(HoldReason::deleted_in_his), "deleted_in_his");
    EXPECT_EQ(name(HoldReason::merged_in_his), "merged_in_his");
    EXPECT_EQ(name(HoldReason::deceased), "deceased");
    EXPECT_EQ(name(HoldReason::identity_status), "identity_status");
    EXPECT_EQ(name(HoldReason::identity_mismatch), "identity_mismatch");
    EXPECT_EQ(name(HoldReason::divergence), "divergence");
    EXPECT_EQ(name(HoldReason::conflict_unresolved), "conflict_unresolved");
    EXPECT_EQ(name(HoldReason::possible_duplicate), "possible_duplicate");
    EXPECT_EQ(name(HoldReason::erased_in_medicapp), "erased_in_medicapp");
    EXPECT_EQ(name(HoldReason::external_id_taken), "external_id_taken");
    EXPECT_EQ(name(HoldReason::rejected), "rejected");
}

TEST(HoldReasonTest, OtherWordsAreNoReasons) {
    EXPECT_EQ(hold_reason_named("Invalid"), std::nullopt);
    EXPECT_EQ(hold_reason_named(""), std::nullopt);
}

TEST(HoldReasonTest, FiveReasonsExcludeByRule) {
    for (const auto reason :
         {HoldReason::inactive_in_his, HoldReason::deleted_in_his, HoldReason::merged_in_his,
          HoldReason::deceased, HoldReason::identity_status})
        EXPECT_TRUE(is_excluded(reason)) << name(reason);
    int excluded = 0;
    for (int i = 0; i <= static_cast<int>(HoldReason::altered_in_state); ++i)
        excluded += is_excluded(static_cast<HoldReason>(i)) ? 1 : 0;
    EXPECT_EQ(excluded, 5);
}

} // namespace
} // namespace medibridge::reconcile
