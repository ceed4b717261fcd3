#include "rig.hpp"

#include <gmock/gmock.h>

// What arrives without a usable externalId, and when it is not waited for any more.

namespace medibridge::tests {
namespace {

using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;
using testing::SizeIs;

class InboxNameless : public InboxRig {
  protected:
    /// Of what is kept without a usable externalId: its key, and whether it was made good.
    std::vector<std::pair<std::string, bool>> kept() {
        std::vector<std::pair<std::string, bool>> found;
        for (const auto& entry : *run(inbox_->read(false, 0, 1'000)))
            if (!entry.record.kept_as.empty())
                found.emplace_back(entry.record.kept_as, entry.record.made_good);
        return found;
    }
    bool waits() { return !kept().empty() && !kept().front().second; }
};

SourceRecord of_anne(const std::string& id) {
    SourceRecord record;
    record.patient.set_external_id(id);
    record.patient[Field::last_name] = FieldValue::known("MOREL");
    record.patient[Field::first_name] = FieldValue::known("Anne");
    record.patient[Field::birth_date] = FieldValue::known("1980-02-03");
    record.patient[Field::phone] = FieldValue::known("0612345678");
    record.place = "a.csv, line 3";
    return record;
}

SourceRecord broken_row(const std::string& id) {
    SourceRecord record;
    record.claimed_id = id;
    record.place = "a.csv, line 3";
    return record;
}

SourceRecord with(SourceRecord record, Field field, const std::string& text) {
    record.patient[field] = text.empty() ? FieldValue() : FieldValue::known(text);
    return record;
}

struct Case {
    std::string what;
    SourceRecord first;
    SourceRecord later;
    bool good;
};

std::vector<Case> cases() {
    return {
        {"NoIdentifier", of_anne(""), of_anne("7001"), true},
        {"OneThatASpreadsheetRounded", of_anne("8,00123E+09"), of_anne("7001"), true},
        {"ZeroForIt", of_anne("0"), of_anne("7001"), true},
        {"APartOfTheNameMore", of_anne(""), with(of_anne("7001"), Field::last_name, "MOREL-PETIT"),
         true},
        {"SomethingElseBesides", of_anne(""), with(of_anne("7001"), Field::email, "a@example.org"),
         true},
        {"WithoutThePhone", of_anne(""), with(of_anne("7001"), Field::phone, ""), false},
        {"ANamesakeWithAnotherPhone", of_anne(""),
         with(of_anne("7001"), Field::phone, "0698765432"), false},
        {"AnotherBirthDate", of_anne(""), with(of_anne("7001"), Field::birth_date, "1981-02-03"),
         false},
        {"ABrokenRowThenItWhole", broken_row("7001"), of_anne("7001"), true},
        {"ABrokenRowThenAnotherPatient", broken_row("7001"), of_anne("7002"), false},
        {"ABrokenRowOfNobodyKnowsWhom", broken_row(""), of_anne("7001"), false},
    };
}

class InboxMadeGood : public InboxNameless, public testing::WithParamInterface<Case> {};

TEST_P(InboxMadeGood, ByTheRecordThatBringsWhatItCouldNotSay) {
    const auto& [what, first, later, good] = GetParam();
    put_records({first});
    ASSERT_TRUE(waits());
    take();
    restart();
    put_records({later});
    EXPECT_EQ(waits(), !good);
}

TEST_P(InboxMadeGood, InOneFileToo) {
    const auto& [what, first, later, good] = GetParam();
    put_records({first, later});
    EXPECT_EQ(waits(), !good);
}

TEST_P(InboxMadeGood, NotByWhatCameBefore) {
    put_records({GetParam().later, GetParam().first});
    EXPECT_TRUE(waits());
}

INSTANTIATE_TEST_SUITE_P(Records, InboxMadeGood, testing::ValuesIn(cases()),
                         [](const auto& one) { return one.param.what; });

TEST_F(InboxNameless, IsMadeGoodByARecordThatIsKnownAlready) {
    put_records({of_anne("7001")});
    put_records({broken_row("7001")});
    take();
    ASSERT_TRUE(waits());
    put_records({of_anne("7001")});
    EXPECT_FALSE(waits());
    EXPECT_THAT(*run(inbox_->read(true, 0, 10)), SizeIs(1)) << "the next cycle hears of it";
}

TEST_F(InboxNameless, WaitsAgainWhenItComesAgain) {
    put_records({broken_row("7001")});
    put_records({of_anne("7001")});
    ASSERT_FALSE(waits());
    put_records({broken_row("7001")});
    EXPECT_TRUE(waits());
}

TEST_F(InboxNameless, IsOneHoweverOftenItComes) {
    auto again = of_anne("");
    again.place = "b.csv, line 9";
    put_records({of_anne("")});
    put_records({again});
    EXPECT_THAT(kept(), SizeIs(1));
    put_records({broken_row("")});
    auto elsewhere = broken_row("");
    elsewhere.place = "b.csv, line 9";
    put_records({elsewhere});
    EXPECT_THAT(kept(), SizeIs(3)) << "rows that say nothing are told apart by their places";
}

TEST_F(InboxNameless, CanBeAskedForByItsKey) {
    put_records({of_anne("")});
    take();
    const auto entry = run(inbox_->read_one(kept().front().first));
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ((*entry)->record.patient[Field::first_name].text(), "Anne");
}

} // namespace
} // namespace medibridge::tests
