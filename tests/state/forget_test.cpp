#include "opening.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>

namespace medibridge::state::test {
namespace {

/// The parameter: how many bytes of a sealed record, on one page or on several.
class ForgetTest : public testing::TestWithParam<std::size_t> {
  protected:
    /// Whether the state's files hold the text anywhere, while the store is open.
    bool on_disk(const std::string& text) const {
        return bytes_of(path).contains(text) || bytes_of(path.string() + "-wal").contains(text);
    }

    const Scratch scratch;
    const std::filesystem::path path = scratch.state_file();
};

TEST_P(ForgetTest, LeavesNoByteOfThePatientInTheFileOrItsLog) {
    const auto store = open_sqlite(path);
    const std::string of_adt = "SEALED-OF-ADT" + std::string(GetParam(), 'a');
    const std::string of_drop = "SEALED-OF-DROP" + std::string(GetParam(), 'd');
    store->commit(batch(Batch::PutInbox{{0, "adt", "8001", of_adt}},
                        Batch::PutInbox{{0, "drop", "8001", of_drop}},
                        Batch::PutInbox{{0, "adt", "8002", "SEALED-OF-ANOTHER"}},
                        Batch::PutUnlinked{unlinked("medicapp-id-unlinked", "8001")},
                        Batch::PutTaken{{"8001", "SOURCE-OF-TAKEN", digest(1)}}));
    store->commit(batch(Batch::TakeInbox{"adt", 1'000}));
    for (const auto* text :
         {"SEALED-OF-ADT", "SEALED-OF-DROP", "medicapp-id-unlinked", "SOURCE-OF-TAKEN"})
        ASSERT_TRUE(on_disk(text)) << text;
    store->commit(batch(Batch::Forget{"8001"}, Batch::PutTombstone{{"8001", "m1"}}));
    for (const auto* text : {"SEALED-OF-ADT", "SEALED-OF-DROP", "medicapp-id-unlinked", "aaaaaaaa",
                             "dddddddd", "SOURCE-OF-TAKEN"})
        EXPECT_FALSE(on_disk(text)) << text;
    EXPECT_TRUE(on_disk("SEALED-OF-ANOTHER"));
    EXPECT_TRUE(store->look_up({"8001"}).front().tombstone);
    EXPECT_TRUE(store->inbox_entries("adt", {"8002"}).front());
    EXPECT_FALSE(store->inbox_entries("adt", {"8001"}).front());
}

INSTANTIATE_TEST_SUITE_P(Bytes, ForgetTest, testing::Values(40, 600, 20'000, 200'000));

} // namespace
} // namespace medibridge::state::test
