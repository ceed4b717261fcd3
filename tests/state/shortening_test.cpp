#include "former_rows.hpp"
#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <SQLiteCpp/Column.h>
#include <SQLiteCpp/Database.h>
#include <algorithm>
#include <array>
#include <gtest/gtest.h>

/// What schema version 9 makes of a state of version 8.
namespace medibridge::state::test {
namespace {

const std::array<std::string, 6> some_ids = {"P1",
                                             "8001234567",
                                             "IPP-1000042",
                                             "pat_91d2208d824d4cd6",
                                             "3fa85f64-5717-4562-b3fc-2c963f66afa6",
                                             "É-7"};

Link any_former_link(std::size_t i) {
    Link made = link(some_ids.at(i), "m-" + some_ids.at(i), static_cast<std::uint8_t>(i));
    if (i % 2 == 0) made.baselines.his.fields[3] = reconcile::cleared_digest;
    if (i % 2 == 0) made.baselines.medicapp.fields[3] = reconcile::cleared_digest;
    if (i % 3 == 0) made.baselines.his.fields[5] = {};
    if (i % 3 == 1) made.baselines.medicapp.fields[6] = reconcile::cleared_digest;
    if (i == 2) made.baselines = {};
    if (i == 3) {
        made.drift.traits[1] = reconcile::TraitState::replaced;
        made.drift.confirmed[1] = field_digest(77);
        made.drift.since = {at(1), at(2)};
        made.unbelieved_at = at(3);
        made.contact_source = "lab";
    }
    return made;
}

class ShorteningTest : public testing::Test {
  protected:
    SQLite::Database raw() const { return {path.string(), SQLite::OPEN_READONLY}; }

    const Scratch scratch;
    const std::filesystem::path path = scratch.state_file();
};

TEST_F(ShorteningTest, KeepsEachLinkIntentAndLineAndWhatVouchesForThem) {
    std::vector<AuditEntry> lines;
    {
        FormerState former(path, 8);
        for (std::size_t i = 0; i < some_ids.size(); ++i)
            former.put(any_former_link(i));
        former.put(intent("8001234567"));
        former.put(intent("P1", Intent::Kind::update));
        const std::array<std::string, 4> details = {"lastName,address.street", "",
                                                    "gender,lastName", "a reason"};
        for (std::size_t i = 0; i < details.size(); ++i) {
            AuditEntry line = audit_entry(some_ids.at(i), 7);
            line.id = static_cast<std::int64_t>(i) + 1;
            line.medicapp_id = some_ids.at(i + 1);
            line.request_id = some_ids.at(i + 2);
            line.detail = details.at(i);
            former.put(line);
            lines.push_back(line);
        }
        former.seal_audit();
    }
    const auto store = open_sqlite(path);
    for (std::size_t i = 0; i < some_ids.size(); ++i) {
        const auto expected = any_former_link(i);
        const auto known = store->look_up({expected.external_id}).front();
        EXPECT_EQ(known.altered, "");
        EXPECT_EQ(text(known.link), text(expected)) << i;
        EXPECT_EQ(text(store->links_to({expected.medicapp_id}).front()), text(expected));
    }
    EXPECT_EQ(store->find_altered(10).count, 0);
    ASSERT_EQ(store->intents().size(), 2U);
    EXPECT_EQ(text(store->intents()[0]), text(intent("8001234567")));
    EXPECT_EQ(text(store->intents()[1]), text(intent("P1", Intent::Kind::update)));
    EXPECT_TRUE(store->verify_audit().intact);
    AuditQuery all;
    all.after_id = 0;
    const auto found = store->audit(all);
    ASSERT_EQ(found.size(), lines.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
        EXPECT_EQ(text(found[i]), text(lines[i]));
    AuditQuery one;
    one.external_id = some_ids[1];
    EXPECT_EQ(store->audit(one).size(), 1U);
}

TEST_F(ShorteningTest, WhatWasAlteredBeforeIsAlteredAfterwards) {
    {
        FormerState former(path, 8);
        for (std::size_t i = 0; i < some_ids.size(); ++i)
            former.put(any_former_link(i));
        former.put(intent("8001234567"));
        former.put(intent("P1"));
        for (int i = 1; i <= 3; ++i) {
            AuditEntry line = audit_entry("P1", 7);
            line.id = i;
            former.put(line);
        }
        former.seal_audit();
        former.run("UPDATE link SET source = 'x' WHERE external_id = '8001234567';"
                   "UPDATE link SET digests = x'0102' WHERE external_id = 'P1';"
                   "UPDATE link SET drift = x'0102' WHERE external_id = 'IPP-1000042';"
                   "UPDATE intent SET kind = 'update' WHERE external_id = 'P1';"
                   "UPDATE audit SET external_id = '8001234567' WHERE id = 2");
    }
    const auto store = open_sqlite(path);
    const auto found = store->find_altered(10);
    std::vector<std::string> altered;
    for (const auto& row : found.rows)
        altered.push_back(row.table + " " + row.key);
    std::ranges::sort(altered);
    EXPECT_EQ(altered, (std::vector<std::string>{"intent P1", "link 8001234567", "link IPP-1000042",
                                                 "link P1"}));
    EXPECT_EQ(store->look_up({"8001234567"}).front().altered, "link");
    EXPECT_EQ(store->verify_audit().broken_at, 2);
    store->commit(batch(Batch::SetAside{"8001234567"}, Batch::SetAside{"P1"},
                        Batch::SetAside{"IPP-1000042"}));
    EXPECT_EQ(store->find_altered(10).count, 0);
    EXPECT_EQ(store->counts().links, 3);
}

TEST_F(ShorteningTest, ALinkAndItsLineTakeTheBytesThatTheyNeed) {
    constexpr int many_patients = 5'000;
    {
        Batch all;
        for (int i = 0; i < many_patients; ++i) {
            const auto id = std::to_string(8'000'000'000 + i);
            const auto random =
                std::to_string(1'000'000'000ULL + 2'654'435'761ULL * i % 1'000'000'007);
            Link one = link(id, "pat_" + random + "aabbcc");
            one.baselines.medicapp = one.baselines.his;
            all.add(Batch::PutLink{one});
            all.add(Batch::Audit{{id,
                                  one.medicapp_id,
                                  "created",
                                  "lastName,firstName,birthDate,gender,email,phone",
                                  {}}});
        }
        open_sqlite(path)->commit(all);
    }
    const Scratch empty;
    open_sqlite(empty.state_file())->commit({});
    const auto pages_of = [](const std::filesystem::path& file) {
        return SQLite::Database(file.string()).execAndGet("PRAGMA page_count").getInt();
    };
    const auto pages = pages_of(path) - pages_of(empty.state_file());
    EXPECT_LE(pages * 4096 / many_patients, 260) << "bytes a linked patient of ten known fields";
}

} // namespace
} // namespace medibridge::state::test
