#include "memory_store.hpp"
#include "opening.hpp"
#include "record_text.hpp"
#include "samples.hpp"
#include "scratch.hpp"

#include <array>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace medibridge::state::test {
namespace {

/// Few names, so that changes meet each other.
const std::array<std::string, 5> names = {"a", "b", "c", "d", "e"};
const std::array<std::string, 2> sides = {"medicapp", "his:dpi"};

int number(int below) {
    return *rc::gen::inRange(0, below);
}

std::string any_name() {
    return names[static_cast<std::size_t>(number(names.size()))];
}

std::string any_name_or_none() {
    return number(2) == 0 ? "" : any_name();
}

std::optional<Instant> any_time() {
    if (number(4) == 0) return {};
    return at(number(5) - 1);
}

FieldDigests any_digests() {
    FieldDigests made{};
    for (FieldDigest& one : made)
        if (const int seed = number(4); seed == 3)
            one = reconcile::cleared_digest;
        else if (seed != 0)
            one = field_digest(static_cast<std::uint8_t>(seed));
    return made;
}

Link any_link() {
    Link made = link(any_name(), any_name());
    made.source = any_name_or_none();
    made.contact_source = any_name_or_none();
    made.baselines.his = {any_digests(), any_time()};
    made.baselines.medicapp = {any_digests(), any_time()};
    made.unbelieved_at = any_time();
    for (auto& state : made.drift.traits)
        state = static_cast<reconcile::TraitState>(number(3));
    if (made.drift.empty()) return made;
    made.drift.confirmed = any_digests();
    made.drift.since = {any_time(), any_time()};
    return made;
}

Unlinked any_unlinked() {
    Unlinked made{any_name(), any_name_or_none(), any_time(), {}};
    for (int keys = number(3); keys > 0; --keys)
        made.matching_keys.push_back(digest(static_cast<std::uint8_t>(number(4))));
    return made;
}

Intent any_intent() {
    return {any_name(), number(2) == 0 ? Intent::Kind::create : Intent::Kind::update,
            any_name_or_none(), any_digests()};
}

Held any_held() {
    Held made = held(any_name(), number(3));
    made.reason = static_cast<reconcile::HoldReason>(number(15));
    made.medicapp_id = any_name_or_none();
    made.attempts = number(100);
    made.acknowledged = number(2) == 0;
    made.looked_at_ms = number(3);
    return made;
}

OperatorDecision any_decision() {
    OperatorDecision made = decision(any_name(), number(3));
    made.kind = static_cast<OperatorDecision::Kind>(number(5));
    made.medicapp_id = any_name_or_none();
    made.reason = any_name_or_none();
    return made;
}

Watermark any_watermark() {
    Watermark made = watermark(sides[static_cast<std::size_t>(number(sides.size()))]);
    made.stamp = any_time();
    made.anchor = any_name_or_none();
    made.pending = any_time();
    made.reached_at = any_time();
    made.clock = any_time();
    made.settled = number(2) == 0;
    return made;
}

Batch::Change any_change() {
    switch (number(26)) {
    case 0:
        return Batch::PutLink{any_link()};
    case 1:
        return Batch::DropLink{any_name()};
    case 2:
        return Batch::PutUnlinked{any_unlinked()};
    case 3:
        return Batch::DropUnlinked{any_name()};
    case 4:
        return Batch::PutIntent{any_intent()};
    case 5:
        return Batch::DropIntent{any_name()};
    case 6:
        return Batch::Hold{any_held()};
    case 7:
        return Batch::Release{any_name()};
    case 8:
        return Batch::PutTombstone{{any_name(), any_name()}};
    case 9:
        return Batch::DropTombstone{any_name()};
    case 10:
        return Batch::PutRedirect{any_name(), any_name_or_none(), any_time()};
    case 11:
        return Batch::PutWatermark{any_watermark()};
    case 12:
        return Batch::PutMeta{any_name(), any_name_or_none()};
    case 17:
        return Batch::PutRefusal{{any_name(), number(4), number(2) == 0}};
    case 18:
        return Batch::DropRefusal{any_name()};
    case 19:
        return Batch::PutDecision{any_decision()};
    case 20:
        return Batch::DropDecision{any_name()};
    case 21:
        return Batch::Forget{any_name(), number(2) == 0};
    case 22:
        return Batch::TellApart{{any_name(), digest(static_cast<std::uint8_t>(number(3)))}};
    case 23:
        return Batch::WithdrawApart{any_name()};
    case 24:
        return Batch::PutPrior{any_name(), any_name()};
    case 13:
        return Batch::PutInbox{{0, any_name(), any_name(), any_name_or_none()}};
    case 14:
        return Batch::PutReceipt{
            {any_name(), digest(static_cast<std::uint8_t>(number(3))), any_name_or_none()}};
    case 15:
        return Batch::TakeInbox{any_name(), number(20)};
    default:
        return Batch::Audit{audit_entry(any_name(), 1 + number(9))};
    }
}

std::string all_of(Store& store) {
    return text(store, {names.begin(), names.end()});
}

bool refused(Store& store, const Batch& batch) {
    try {
        store.commit(batch);
    } catch (const std::logic_error&) {
        return true;
    }
    return false;
}

RC_GTEST_PROP(ModelTest, TheFileAnswersAsAMemoryWould, ()) {
    const Scratch scratch;
    auto store = open_sqlite(scratch.state_file());
    MemoryStore model;
    for (int batches = number(8); batches > 0; --batches) {
        Batch batch;
        for (int changes = number(25); changes > 0; --changes)
            batch.add(any_change());
        RC_ASSERT(refused(*store, batch) == refused(model, batch));
        if (number(3) == 0) {
            store.reset();
            store = open_sqlite(scratch.state_file());
        }
        RC_ASSERT(all_of(*store) == all_of(model));
    }
    store.reset();
    RC_ASSERT(all_of(*open_sqlite_copy(scratch.state_file())) == all_of(model));
}

} // namespace
} // namespace medibridge::state::test
