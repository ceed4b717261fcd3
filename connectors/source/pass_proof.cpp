#include "connectors/source/pass_proof.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

void PassProof::add(std::string_view external_id) {
    ++records_;
    const auto id = base::text_hash(external_id);
    sum_ += id;
    mix_ += id * id;
    if (external_id.empty()) return;
    auto& list = hashes_[id % lists];
    if (list.size() == list.capacity()) list.reserve(list.size() + list.size() / 8 + 8);
    list.push_back(id);
}

bool PassProof::distinct() {
    for (auto& list : hashes_) {
        std::ranges::sort(list);
        if (std::ranges::adjacent_find(list) != list.end()) return false;
    }
    return true;
}

std::size_t PassProof::different() {
    std::size_t count = 0;
    for (auto& list : hashes_) {
        std::ranges::sort(list);
        for (std::size_t i = 0; i < list.size(); ++i)
            count += i == 0 || list[i] != list[i - 1] ? 1 : 0;
    }
    return count;
}

std::size_t PassProof::repeated() {
    std::size_t identified = 0;
    for (const auto& list : hashes_)
        identified += list.size();
    return identified - different();
}

std::vector<std::uint64_t> PassProof::identifiers_repeated(std::size_t most) {
    std::vector<std::uint64_t> found;
    for (auto& list : hashes_) {
        std::ranges::sort(list);
        for (auto at = list.begin(); found.size() < most; ++at) {
            at = std::adjacent_find(at, list.end());
            if (at == list.end()) break;
            if (found.empty() || found.back() != *at) found.push_back(*at);
        }
    }
    return found;
}

bool PassProof::holds(std::string_view external_id) const {
    const auto id = base::text_hash(external_id);
    const auto& list = hashes_[id % lists];
    return std::ranges::find(list, id) != list.end();
}

std::uint64_t PassProof::fingerprint() const {
    return base::mixed(sum_ ^ base::mixed(mix_ + records_));
}

bool PassProof::includes(const PassProof& other) const {
    for (std::size_t i = 0; i < lists; ++i)
        if (!std::ranges::includes(hashes_[i], other.hashes_[i])) return false;
    return true;
}

bool PassMemory::confirms(std::optional<reconcile::Instant> since, PassProof proof) {
    Pass now{since, std::move(proof), false};
    now.distinct = now.proof.distinct();
    bool confirmed = false;
    if (before_ && before_->since == since) {
        const bool same = before_->proof.fingerprint() == now.proof.fingerprint();
        const bool everybody_again =
            before_->distinct && now.distinct && now.proof.includes(before_->proof);
        confirmed = same || everybody_again;
    }
    before_ = std::move(now);
    return confirmed;
}

std::size_t PassProof::bytes() const {
    std::size_t bytes = sizeof *this;
    for (const auto& list : hashes_)
        bytes += list.capacity() * sizeof(std::uint64_t);
    return bytes;
}

} // namespace medibridge::connectors
