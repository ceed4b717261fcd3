#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

/// That what is kept is what could be counted, whatever is committed, is held by ModelTest.
namespace medibridge::state::test {
namespace {

class RowCountsTest : public testing::Test {
  protected:
    void SetUp() override {
        open_sqlite(path)->commit(
            batch(Batch::PutLink{link("P1", "m1")}, Batch::PutLink{link("P2", "m2")},
                  Batch::Hold{held("P3")}, Batch::PutIntent{intent("P4")},
                  Batch::PutUnlinked{unlinked("m5")}, Batch::PutTombstone{{"P6", "m6"}}));
    }

    /// As somebody does who has the file and not the program.
    void change(const std::string& sql) const {
        SQLite::Database(path.string(), SQLite::OPEN_READWRITE).exec(sql);
    }

    const Scratch scratch;
    const std::filesystem::path path = scratch.state_file();
    const Counts all{2, 1, 1, 1, 1};
};

TEST_F(RowCountsTest, AreKept) {
    EXPECT_EQ(text(open_sqlite(path)->counts()), text(all));
}

TEST_F(RowCountsTest, AreCountedWhereNoneAreKeptThatCanBeRead) {
    for (const std::string kept : {"", "2 1 1 1", "2 1 1 1 1 1", "2 1 1 1 x", " 2 1 1 1 1"}) {
        change("UPDATE meta SET value = '" + kept + "' WHERE key = 'counts'");
        EXPECT_EQ(text(open_sqlite(path)->counts()), text(all)) << kept;
    }
    change("DELETE FROM meta WHERE key = 'counts'");
    EXPECT_EQ(text(open_sqlite(path)->counts()), text(all));
}

TEST_F(RowCountsTest, AreCountedAgainWheneverAllRowsAreChecked) {
    change("DELETE FROM link WHERE external_id = 'P2'");
    Counts less = all;
    less.links = 1;
    {
        const auto store = open_sqlite(path);
        store->find_altered(10);
        EXPECT_EQ(text(store->counts()), text(less));
    }
    EXPECT_EQ(text(open_sqlite(path)->counts()), text(less));
}

TEST_F(RowCountsTest, ABatchThatIsRefusedCountsForNothing) {
    const auto store = open_sqlite(path);
    EXPECT_THROW(store->commit(batch(Batch::PutLink{link("P7", "m7")}, Batch::DropIntent{"P4"},
                                     Batch::PutLink{link("P8", "m1")})),
                 std::logic_error);
    EXPECT_EQ(text(store->counts()), text(all));
    store->commit(batch(Batch::PutMeta{"a", "b"}));
    EXPECT_EQ(text(store->counts()), text(all));
}

TEST_F(RowCountsTest, RowsThatAreSetAsideAreGone) {
    change("UPDATE link SET source = 'x' WHERE external_id = 'P1';"
           "UPDATE held SET source = 'x' WHERE key = 'P3'");
    const auto store = open_sqlite(path);
    store->commit(batch(Batch::SetAside{"P1"}, Batch::SetAside{"P2"}, Batch::SetAside{"P3"}));
    const auto left = store->counts();
    store->find_altered(10);
    EXPECT_EQ(text(store->counts()), text(left)) << "as counted";
    EXPECT_EQ(left.links, 1);
    EXPECT_EQ(left.held, 0);
}

} // namespace
} // namespace medibridge::state::test
