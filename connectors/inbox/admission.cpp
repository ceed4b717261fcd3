#include "connectors/inbox/admission.hpp"

#include <cstdint>

namespace medibridge::connectors {

using Full = Receipt::Full;

void Admission::grow(state::InboxLoad& load, const state::InboxLoad& growth) {
    load.rows += growth.rows;
    load.bytes += growth.bytes;
}

bool Admission::exceeds(const state::InboxLoad& load, int percent) const {
    const auto share = [percent](std::int64_t whole) {
        return whole == InboxQuota::unlimited ? whole
                                              : whole / 100 * percent + whole % 100 * percent / 100;
    };
    return load.rows >= share(quota_.rows) || load.bytes >= share(quota_.bytes);
}

Full Admission::fullness(const std::string& sender) const {
    if (sender.empty()) return Full::no;
    if (load_ && exceeds(*load_, 100)) return Full::for_all;
    state::InboxLoad sent;
    for (const auto* part : {&arrived_, &read_})
        if (const auto found = part->find(sender); found != part->end()) grow(sent, found->second);
    return exceeds(sent, quota_.sender_percent) ? Full::for_sender : Full::no;
}

void Admission::add(const std::string& sender, state::InboxLoad growth) {
    if (load_) grow(*load_, growth);
    if (sender.empty()) return;
    if (arrived_.size() >= most_senders && !arrived_.contains(sender)) arrived_.clear();
    grow(arrived_[sender], growth);
}

void Admission::reading_begins() {
    for (const auto& [sender, load] : arrived_)
        grow(read_[sender], load);
    arrived_.clear();
}

void Admission::taken() {
    read_.clear();
    load_.reset();
}

} // namespace medibridge::connectors
