#include "connectors/inbox/admission.hpp"

#include <cstdint>
#include <utility>

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

void Admission::learn(Shares shares) {
    for (const auto& [mark, load] : adding_)
        grow(shares[mark], load);
    shares_ = std::move(shares);
}

Full Admission::fullness(const std::string& mark) const {
    if (mark.empty()) return Full::no;
    if (load_ && exceeds(*load_, 100)) return Full::for_all;
    if (!shares_) return Full::no;
    const auto sent = shares_->find(mark);
    const bool too_much = sent != shares_->end() && exceeds(sent->second, quota_.sender_percent);
    return too_much ? Full::for_sender : Full::no;
}

void Admission::add(const std::string& mark, const state::InboxLoad& growth) {
    if (load_) grow(*load_, growth);
    if (mark.empty()) return;
    grow(adding_[mark], growth);
    if (shares_ && (shares_->size() < most_senders || shares_->contains(mark)))
        grow((*shares_)[mark], growth);
}

} // namespace medibridge::connectors
