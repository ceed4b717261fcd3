#include "sandbox/medicapp_store.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace medibridge::sandbox {
namespace {

/// The list as one would write it without indexes.
std::vector<Slot> plain_list(const MedicappStore& store, const ListQuery& query, ListOrder order) {
    const auto passes = [&](Millis time, const std::optional<Millis>& after) {
        return !after || (query.bound == Bound::inclusive ? time >= *after : time > *after);
    };
    std::vector<Slot> slots;
    for (Slot slot = 0; slot < store.slots(); ++slot) {
        if (!store[slot].erased && passes(store[slot].created, query.created_after) &&
            passes(store[slot].modified, query.modified_after))
            slots.push_back(slot);
    }
    std::stable_sort(slots.begin(), slots.end(), [&](Slot a, Slot b) {
        switch (order) {
        case ListOrder::created:
            return store[a].created < store[b].created;
        case ListOrder::modified:
            return store[a].modified < store[b].modified;
        case ListOrder::id:
            return store.id(a) < store.id(b);
        default:
            return store[a].order_key < store[b].order_key;
        }
    });
    return slots;
}

std::optional<Millis> some_time() {
    return *rc::gen::element(std::optional<Millis>(), std::optional<Millis>(1),
                             std::optional<Millis>(4), std::optional<Millis>(9));
}

RC_GTEST_PROP(MedicappStoreTest, ListsAsAPlainSearchWould, ()) {
    auto order = *rc::gen::element(ListOrder::created, ListOrder::modified, ListOrder::id,
                                   ListOrder::shuffled);
    MedicappStore store(order, *rc::gen::arbitrary<std::uint64_t>());
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100));
    Millis now = 0;
    for (const int step : steps) {
        now += step % 3 == 0;
        MedicappTexts::Views texts;
        const std::string external = std::to_string(step);
        texts[external_id] = external;
        if (store.slots() > 0 && step % 4 == 1) {
            const auto slot = static_cast<Slot>(static_cast<std::size_t>(step) % store.slots());
            if (!store[slot].erased) store.change(slot, texts, now, 0);
        } else if (store.slots() > 0 && step % 10 == 3) {
            const auto slot = static_cast<Slot>(static_cast<std::size_t>(step) % store.slots());
            if (!store[slot].erased) store.erase(slot);
        } else {
            store.add(texts, now, 0);
        }
        if (step == 50) store.set_order(order = ListOrder::id);
    }
    ListQuery query;
    query.created_after = some_time();
    query.modified_after = some_time();
    query.bound = *rc::gen::element(Bound::inclusive, Bound::exclusive);
    query.offset = *rc::gen::inRange<std::size_t>(0, 12);
    query.count = *rc::gen::inRange<std::size_t>(1, 12);
    const auto expected = plain_list(store, query, order);
    const auto window = store.list(query);
    RC_ASSERT(window.total == expected.size());
    const auto from = std::min(query.offset, expected.size());
    const auto to = std::min(from + query.count, expected.size());
    RC_ASSERT(window.slots ==
              std::vector<Slot>(expected.begin() + static_cast<std::ptrdiff_t>(from),
                                expected.begin() + static_cast<std::ptrdiff_t>(to)));
}

TEST(MedicappStoreTest, FindsByIdAndByExternalId) {
    MedicappStore store(ListOrder::created, 5);
    for (int i = 0; i < 1'000; ++i) {
        MedicappTexts::Views texts;
        const std::string external = "E" + std::to_string(i);
        texts[external_id] = external;
        const Slot slot = store.add(texts, i, 0);
        ASSERT_EQ(store.find(store.id(slot)), slot);
        ASSERT_EQ(store.find_external(external), slot);
    }
    const auto id = store.id(7);
    store.erase(7);
    EXPECT_FALSE(store.find(id));
    EXPECT_FALSE(store.find_external("E7"));
    EXPECT_FALSE(store.find("pat_"));
    EXPECT_FALSE(store.find("pat_00000000000000zz"));
    EXPECT_EQ(store.size(), 999U);
}

TEST(MedicappStoreTest, AnIdOfAnotherSeedIsUnknown) {
    MedicappStore one(ListOrder::created, 1);
    MedicappStore two(ListOrder::created, 2);
    const Slot slot = one.add({}, 0, 0);
    two.add({}, 0, 0);
    EXPECT_FALSE(two.find(one.id(slot)));
}

TEST(RandomTest, MixIsABijection) {
    EXPECT_TRUE(rc::check([](std::uint64_t x) { return unmix(mix(x)) == x; }));
}

TEST(TextsTest, KeepsAbsentAndEmptyApart) {
    Texts<3>::Views views;
    views[1] = "";
    views[2] = "été";
    const Texts<3> texts(views);
    EXPECT_FALSE(texts.has(0));
    EXPECT_TRUE(texts.has(1));
    EXPECT_EQ(texts[1], "");
    EXPECT_EQ(texts[2], "été");
    EXPECT_EQ(texts.views(), views);
}

} // namespace
} // namespace medibridge::sandbox
