#include "connectors/inbox/sealed_records.hpp"
#include "fuzz/targets.hpp"
#include "state/facts.hpp"
#include "state/sqlite/packing.hpp"
#include "state/store.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace medibridge::fuzz {
namespace {

template <class Failure, class Read>
void tolerating(const Read& read) {
    try {
        read();
    } catch (const Failure&) { // which is what it promises
    }
}

} // namespace

void read_state_rows(std::string_view bytes) {
    const std::span packed(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    state::FieldDigests his;
    state::FieldDigests medicapp;
    state::FieldDigests his_again;
    state::FieldDigests medicapp_again;
    if (state::unpack(packed, his, medicapp)) {
        const state::PackedDigests again(his, medicapp);
        require(state::unpack(again.bytes(), his_again, medicapp_again));
        require(his == his_again && medicapp == medicapp_again);
    }
    if (state::unpack(packed, his)) {
        require(state::unpack(state::PackedDigests(his).bytes(), his_again));
        require(his == his_again);
    }
    reconcile::IdentityDrift drift;
    if (state::unpack(packed, drift)) {
        reconcile::IdentityDrift again;
        require(state::unpack(state::PackedDrift(drift).bytes(), again));
        require(drift.empty() == again.empty());
    }
    tolerating<state::StoreError>([&] {
        for (const auto& fact : state::read_facts(bytes).facts.all())
            require(!state::line_of(fact).empty());
    });
    tolerating<std::invalid_argument>([&] {
        const auto record = connectors::record_from_text(bytes);
        const auto text = connectors::record_text(record);
        require(connectors::record_text(connectors::record_from_text(text)) == text);
    });
    static const std::array<std::uint8_t, state::Seal::key_size> key{};
    static const connectors::SealedRecords sealed("his", state::Seal(key),
                                                  reconcile::Digester(key));
    state::InboxEntry entry;
    entry.source = "his";
    entry.key = "1";
    entry.sealed = bytes;
    tolerating<state::StoreError>([&] {
        sealed.open(entry);
        require(false); // nobody can forge one
    });
}

} // namespace medibridge::fuzz
