#include "connectors/inbox/bounds.hpp"
#include "connectors/inbox/sealed_records.hpp"
#include "reconcile/assess.hpp"
#include "rig.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace medibridge::tests {
namespace {

using connectors::Arrival;
using connectors::InboxQuota;
using connectors::Receipt;
using connectors::within_bounds;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::SourceRecord;
using testing::HasSubstr;

SourceRecord person(const std::string& id) {
    SourceRecord record;
    record.patient.set_external_id(id);
    record.patient[Field::last_name] = FieldValue::known("MOREL");
    record.patient[Field::first_name] = FieldValue::known("Anne");
    record.patient[Field::birth_date] = FieldValue::known("1980-01-01");
    return record;
}

TEST(InboxBounds, ARecordHasABoundedSizeWhateverWasSent) {
    for (const std::string piece : {"x", "\"", "\x01", "\xC3\xA9", "\xF0\x9F\x98\x80", "\xFF", " "})
        for (const int times : {100, 255, 256, 1'000, 100'000}) {
            std::string text;
            for (int i = 0; i < times; ++i)
                text += piece;
            SourceRecord record;
            record.patient.set_external_id(text);
            for (const auto field : reconcile::all_fields())
                record.patient[field] = FieldValue::known(text);
            record.merged_into = record.usual_last_name = record.identity_status = text;
            record.place = record.external_id_defect = text;
            EXPECT_LE(connectors::record_text(within_bounds(record)).size(),
                      connectors::longest_record)
                << times << " times " << piece;
            for (const auto field : reconcile::all_fields())
                record.patient[field] = FieldValue::unreadable(text);
            EXPECT_LE(connectors::record_text(within_bounds(record)).size(),
                      connectors::longest_record);
        }
}

TEST(InboxBounds, WhatMedicappTakesIsKeptAsItIs) {
    for (const std::string piece : {"x", "\"", "\xC3\xA9", "\xF0\x9F\x98\x80"}) {
        std::string text;
        for (int i = 0; i < 255; ++i)
            text += piece;
        auto record = person(text.substr(0, 255));
        record.patient[Field::street] = FieldValue::known(std::string(2'000, ' ') + text + "  ");
        record.usual_last_name = text;
        record.merged_into = std::string(255, '7');
        const auto kept = within_bounds(record);
        EXPECT_EQ(kept.patient.external_id(), record.patient.external_id());
        EXPECT_EQ(kept.patient[Field::street].text(), text);
        EXPECT_EQ(kept.usual_last_name, text);
        EXPECT_EQ(kept.merged_into, record.merged_into);
    }
}

TEST(InboxBounds, WhatIsTooLongIsDroppedOrHeldAsAnyOtherFault) {
    const std::string text(5'000, 'x');
    auto optional = person("1");
    optional.patient[Field::phone] = FieldValue::known(text);
    optional.usual_last_name = text;
    const auto sent = reconcile::assess(within_bounds(optional), {}, {});
    EXPECT_FALSE(sent.hold);
    ASSERT_EQ(sent.dropped.size(), 2u);
    for (const auto& dropped : sent.dropped)
        EXPECT_EQ(dropped.reason, "is longer than 255 characters");

    const auto reason = [](auto change) {
        auto record = person("1");
        change(record);
        const auto assessed = reconcile::assess(within_bounds(record), {}, {});
        return assessed.hold ? assessed.hold->defect.field + " " + assessed.hold->defect.reason
                             : "not held";
    };
    EXPECT_EQ(reason([&](auto& r) { r.patient[Field::first_name] = FieldValue::known(text); }),
              "firstName is longer than 255 characters");
    EXPECT_EQ(reason([&](auto& r) { r.patient.set_external_id(text); }),
              "externalId is longer than 255 bytes");
    EXPECT_EQ(reason([&](auto& r) { r.merged_into = text; }),
              "lastName mergedInto is longer than 255 bytes");
    EXPECT_EQ(reason([&](auto& r) { r.identity_status = text; }),
              "lastName identityStatus is longer than 255 characters");
}

class InboxDoor : public InboxRig {
  protected:
    /// A row as another program left it.
    void store_sealed(const std::string& id, std::string sealed) {
        state::InboxEntry entry;
        entry.source = "adt";
        entry.key = id;
        entry.sealed = std::move(sealed);
        state::Batch batch;
        batch.put_inbox(std::move(entry));
        store_->commit(batch);
    }
    std::string defect(const std::string& id) { return shown(id).patient[Field::last_name].text(); }
    void limit(InboxQuota quota) {
        connectors::SealedRecords records("adt", state::Seal(key), reconcile::Digester(key));
        inbox_ = std::make_unique<connectors::SealedInbox>(
            io_.get_executor(), *database_, std::move(records), log_, [this] { return now; },
            reconcile::IdentityPolicy(), quota);
    }
    /// What becomes of a record of that patient, from that sender.
    std::string offer(const std::string& id, const std::string& sender,
                      const std::string& content = {}) {
        Arrival arrival;
        arrival.sender = sender;
        if (!content.empty()) arrival.content = connectors::content_digest(content);
        arrival.records.push_back(person(id));
        const auto receipt = put(std::move(arrival));
        if (!receipt) return receipt.error().what;
        switch (receipt->full) {
        case Receipt::Full::for_all:
            return "full";
        case Receipt::Full::for_sender:
            return "full for it";
        case Receipt::Full::no:
            break;
        }
        return receipt->repeated ? "repeated" : "stored";
    }
};

TEST_F(InboxDoor, ARowThatCannotBeReadIsShownAsThatAndStopsNoOther) {
    send({.id = "7001", .pid = anne()});
    store_sealed("7002", "rubbish");
    store_text("7003", "{}");
    store_sealed("7004", std::string(state::InboxLimits::row + 1, 'x'));
    send({.id = "7005", .pid = anne()});
    EXPECT_EQ(all().size(), 5u);
    EXPECT_EQ(defect("7001"), "MOREL");
    EXPECT_THAT(defect("7002"), HasSubstr("have the HIS send the patient again"));
    EXPECT_EQ(defect("7003"), defect("7002"));
    EXPECT_THAT(defect("7004"), HasSubstr("too large to be read"));
    EXPECT_EQ(reconcile::assess(shown("7004"), {}, {}).hold->reason,
              reconcile::HoldReason::invalid);
    take();
    EXPECT_TRUE(run(inbox_->read(true, 0, 10))->empty()) << "it is taken as any other";
}

TEST_F(InboxDoor, WhatArrivesReplacesARowThatCannotBeRead) {
    store_sealed("7001", "rubbish");
    store_sealed("7002", std::string(2'000'000, 'x'));
    send({.id = "7001", .pid = anne()});
    send({.id = "7002", .pid = anne()});
    EXPECT_EQ(defect("7001"), "MOREL");
    EXPECT_EQ(defect("7002"), "MOREL");
}

TEST_F(InboxDoor, AReadingBringsABoundedNumberOfBytes) {
    const std::string text(1'000, 'x');
    for (int n = 0; n < 600; ++n) {
        auto record = person(std::to_string(n));
        for (const auto field : {Field::street, Field::city, Field::email, Field::phone})
            record.patient[field] = FieldValue::known(text);
        put_records({record});
    }
    std::size_t readings = 0;
    std::size_t rows = 0;
    for (std::int64_t after = 0;;) {
        const auto entries = run(inbox_->read(true, after, 10'000));
        if (entries->empty()) break;
        after = entries->back().sequence;
        rows += entries->size();
        ++readings;
    }
    EXPECT_EQ(rows, 600u);
    EXPECT_GE(readings, 3u);
}

TEST_F(InboxDoor, AFullInboxTakesNothingUntilItWasRead) {
    limit({.rows = 3, .sender_percent = 100});
    EXPECT_EQ(offer("1", "a", "one"), "stored");
    EXPECT_EQ(offer("1", "a"), "stored") << "one row a patient";
    EXPECT_EQ(offer("2", "a"), "stored");
    EXPECT_EQ(offer("3", "a"), "stored");
    EXPECT_EQ(offer("4", "a"), "full");
    EXPECT_EQ(offer("1", "b"), "full");
    EXPECT_EQ(offer("1", "a", "one"), "repeated") << "what was acknowledged stays so";
    EXPECT_EQ(offer("4", ""), "stored") << "no quota without a sender";
    EXPECT_EQ(all().size(), 4u);
    take();
    EXPECT_EQ(offer("5", "a"), "stored");
    limit({.rows = 1, .sender_percent = 100});
    EXPECT_EQ(offer("6", "a"), "full") << "what waited at the start counts";
}

TEST_F(InboxDoor, BytesCountAsRowsDo) {
    limit({.bytes = 1'000, .sender_percent = 100});
    int stored = 0;
    while (offer(std::to_string(stored), "a") == "stored")
        ++stored;
    EXPECT_GT(stored, 1);
    EXPECT_LT(stored, 20);
}

TEST_F(InboxDoor, OneSenderLeavesRoomForOthers) {
    limit({.rows = 10, .sender_percent = 50});
    for (int n = 0; n < 5; ++n)
        EXPECT_EQ(offer(std::to_string(n), "flood"), "stored");
    EXPECT_EQ(offer("6", "flood"), "full for it");
    EXPECT_EQ(offer("7", "good"), "stored");
    const auto entries = run(inbox_->read(true, 0, 1000)); // a cycle has begun
    EXPECT_EQ(offer("6", "flood"), "full for it");
    EXPECT_EQ(offer("8", "good"), "stored");
    EXPECT_TRUE(run(inbox_->mark_taken(entries->back().sequence)));
    EXPECT_EQ(offer("6", "flood"), "stored");
    EXPECT_EQ(offer("9", "good"), "stored");
}

TEST_F(InboxDoor, ASendersShareOutlivesTheProcess) {
    const InboxQuota quota{.rows = 10, .sender_percent = 50};
    limit(quota);
    for (int n = 0; n < 5; ++n)
        EXPECT_EQ(offer(std::to_string(n), "flood"), "stored");
    limit(quota); // another process
    EXPECT_EQ(offer("6", "flood"), "full for it");
    EXPECT_EQ(offer("7", "good"), "stored");
    EXPECT_EQ(shown("1").patient.external_id(), "1");
    limit(quota);
    EXPECT_EQ(offer("6", "flood"), "full for it");
    const auto entries = run(inbox_->read(true, 0, 1000));
    EXPECT_TRUE(run(inbox_->mark_taken(entries->back().sequence)));
    EXPECT_EQ(offer("6", "flood"), "stored") << "nothing of theirs waits";
}

TEST_F(InboxDoor, ManyAtOnceStayWithinTheirShare) {
    limit({.rows = 10, .sender_percent = 50});
    int stored = 0;
    for (int n = 0; n < 9; ++n) {
        Arrival arrival;
        arrival.sender = "flood";
        arrival.records.push_back(person(std::to_string(n)));
        boost::asio::co_spawn(io_, inbox_->put(std::move(arrival)),
                              [&](const std::exception_ptr& thrown, const auto& receipt) {
                                  EXPECT_FALSE(thrown);
                                  stored += receipt && receipt->full == Receipt::Full::no;
                              });
    }
    io_.restart();
    io_.run();
    EXPECT_EQ(stored, 5);
}

} // namespace
} // namespace medibridge::tests
