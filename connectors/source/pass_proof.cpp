#include "connectors/source/pass_proof.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {

namespace {

/// Of so many it can be found out why they come again; more tell no more.
constexpr std::size_t most_repeated = 4096;

} // namespace

void PassFingerprint::add(std::string_view external_id) {
    ++records_;
    const auto id = base::text_hash(external_id);
    sum_ += id;
    mix_ += id * id;
}

std::uint64_t PassFingerprint::value() const {
    return base::mixed(sum_ ^ base::mixed(mix_ + records_));
}

void PassProof::add(std::string_view external_id) {
    fingerprint_.add(external_id);
    if (external_id.empty() || shown_.insert(external_id)) return;
    ++repeated_;
    if (came_again_.size() < most_repeated) came_again_.push_back(base::text_hash(external_id));
}

void PassProof::begin_anew() {
    *this = before_ ? PassProof(std::move(*before_)) : PassProof();
}

std::vector<std::uint64_t> PassProof::identifiers_repeated() const {
    auto found = came_again_;
    std::ranges::sort(found);
    const auto rest = std::ranges::unique(found);
    found.erase(rest.begin(), rest.end());
    return found;
}

PassProof PassMemory::begin(std::optional<reconcile::Instant> since) const {
    return before_ && since_ == since ? PassProof(*before_) : PassProof();
}

bool PassMemory::confirms(std::optional<reconcile::Instant> since, PassProof proof) {
    const auto& before = proof.before_;
    bool confirmed = false;
    if (before) {
        const bool same = before->fingerprint == proof.fingerprint();
        const bool everybody_again =
            before->distinct && proof.distinct() && proof.shown_.contains(*before->shown);
        confirmed = same || everybody_again;
    }
    since_ = since;
    before_ = {proof.fingerprint(), proof.distinct(),
               std::make_shared<base::IdSet>(std::move(proof.shown_))};
    return confirmed;
}

} // namespace medibridge::connectors
