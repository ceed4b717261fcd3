#include "sandbox/medicapp_store.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>

namespace medibridge::sandbox {

namespace {

constexpr std::string_view id_prefix = "pat_";
constexpr Slot last_slot = std::numeric_limits<Slot>::max();

/// The place before the first patient that a filter lets through.
Place border(Millis after, Bound bound) {
    return bound == Bound::inclusive ? Place{after, 0} : Place{after, last_slot};
}

bool passes(Millis time, const std::optional<Millis>& after, Bound bound) {
    return !after || (bound == Bound::inclusive ? time >= *after : time > *after);
}

} // namespace

std::size_t MedicappStore::ExternalHash::operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
}

std::size_t MedicappStore::ExternalHash::operator()(Slot slot) const {
    return (*this)(store->external(slot));
}

bool MedicappStore::ExternalEqual::operator()(Slot a, Slot b) const {
    return store->external(a) == store->external(b);
}

bool MedicappStore::ExternalEqual::operator()(std::string_view a, Slot b) const {
    return a == store->external(b);
}

MedicappStore::MedicappStore(ListOrder order, std::uint64_t seed)
    : order_(order),
      salt_(mix(seed)),
      by_external_(0, ExternalHash{this}, ExternalEqual{this}) {}

Slot MedicappStore::add(const MedicappTexts::Views& texts, Millis now, Millis visible_at) {
    const auto slot = static_cast<Slot>(patients_.size());
    auto& patient = patients_.emplace_back();
    patient.texts = MedicappTexts(texts);
    patient.created = now;
    patient.modified = now;
    if (patient.texts.has(external_id)) {
        const auto text = external(slot);
        duplicates_ += by_external_.find(text) != by_external_.end();
        resurrected_ += !erased_externals_.empty() &&
                        erased_externals_.contains(std::hash<std::string_view>()(text));
        by_external_.insert(slot);
    }
    show(slot, visible_at);
    return slot;
}

void MedicappStore::change(Slot slot, const MedicappTexts::Views& texts, Millis now,
                           Millis visible_at) {
    auto& patient = patients_[slot];
    MedicappTexts changed(texts);
    forget_external(slot);
    patient.texts = std::move(changed);
    if (patient.texts.has(external_id)) by_external_.insert(slot);
    patient.modified = now;
    ++patient.revision;
    show(slot, visible_at);
}

void MedicappStore::erase(Slot slot) {
    auto& patient = patients_[slot];
    if (patient.texts.has(external_id))
        erased_externals_.insert(std::hash<std::string_view>()(external(slot)));
    forget_external(slot);
    delist(slot);
    patient = MedicappPatient();
    patient.erased = true;
    ++erased_;
}

namespace {

MedicappPatient copy_of(const MedicappPatient& patient) {
    MedicappPatient copy;
    copy.texts = MedicappTexts(patient.texts.views());
    copy.created = patient.created;
    copy.modified = patient.modified;
    copy.revision = patient.revision;
    copy.erased = patient.erased;
    return copy;
}

} // namespace

MedicappStore::Snapshot MedicappStore::snapshot() const {
    Snapshot snapshot;
    for (const auto& patient : patients_)
        snapshot.patients_.push_back(copy_of(patient));
    return snapshot;
}

void MedicappStore::restore(const Snapshot& snapshot) {
    waiting_.clear();
    for (Slot slot = 0; slot < patients_.size(); ++slot) {
        if (!patients_[slot].erased) erase(slot);
        if (slot >= snapshot.patients_.size() || snapshot.patients_[slot].erased) continue;
        patients_[slot] = copy_of(snapshot.patients_[slot]);
        --erased_;
        if (patients_[slot].texts.has(external_id)) {
            erased_externals_.erase(std::hash<std::string_view>()(external(slot)));
            by_external_.insert(slot);
        }
        enlist(slot);
    }
}

void MedicappStore::forget_external(Slot slot) {
    if (!patients_[slot].texts.has(external_id)) return;
    auto [at, end] = by_external_.equal_range(slot);
    at = std::find(at, end, slot);
    if (at != end) by_external_.erase(at);
}

void MedicappStore::show(Slot slot, Millis visible_at) {
    if (visible_at == 0 && waiting_.empty())
        enlist(slot);
    else
        waiting_.push_back({visible_at, slot});
}

void MedicappStore::publish(Millis steady_now) {
    for (; !waiting_.empty() && waiting_.front().visible_at <= steady_now; waiting_.pop_front())
        enlist(waiting_.front().slot);
}

void MedicappStore::enlist(Slot slot) {
    auto& patient = patients_[slot];
    if (patient.erased) return;
    delist(slot);
    patient.listed = true;
    patient.listed_modified = patient.modified;
    patient.order_key = order_key(slot);
    by_modified_.insert({patient.listed_modified, slot});
    if (order_ != ListOrder::modified) by_order_.insert({patient.order_key, slot});
    ++version_;
}

void MedicappStore::delist(Slot slot) {
    auto& patient = patients_[slot];
    if (!patient.listed) return;
    patient.listed = false;
    by_modified_.erase({patient.listed_modified, slot});
    if (order_ != ListOrder::modified) by_order_.erase({patient.order_key, slot});
    ++version_;
}

void MedicappStore::set_order(ListOrder order) {
    if (order == order_) return;
    order_ = order;
    by_order_.clear();
    by_modified_.clear();
    for (Slot slot = 0; slot < patients_.size(); ++slot) {
        auto& patient = patients_[slot];
        if (!patient.listed) continue;
        patient.order_key = order_key(slot);
        by_modified_.insert({patient.listed_modified, slot});
        if (order_ != ListOrder::modified) by_order_.insert({patient.order_key, slot});
    }
    ++version_;
}

std::int64_t MedicappStore::order_key(Slot slot) const {
    const auto& patient = patients_[slot];
    switch (order_) {
    case ListOrder::created:
        return patient.created;
    case ListOrder::modified:
        return patient.listed_modified;
    // The order of unsigned numbers is that of the hexadecimal digits.
    case ListOrder::id:
        return static_cast<std::int64_t>(mix(slot ^ salt_) ^ 1ULL << 63);
    case ListOrder::shuffled:
        break;
    }
    return static_cast<std::int64_t>(mix(mix(slot + salt_) + patient.revision));
}

std::string MedicappStore::id(Slot slot) const {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text(id_prefix);
    const std::uint64_t number = mix(slot ^ salt_);
    for (int shift = 60; shift >= 0; shift -= 4)
        text += digits[number >> shift & 15];
    return text;
}

std::optional<Slot> MedicappStore::find(std::string_view id) const {
    if (id.size() != id_prefix.size() + 16 || !id.starts_with(id_prefix)) return std::nullopt;
    std::uint64_t number = 0;
    const char* end = id.data() + id.size();
    if (std::from_chars(id.data() + id_prefix.size(), end, number, 16).ptr != end)
        return std::nullopt;
    const std::uint64_t slot = unmix(number) ^ salt_;
    if (slot >= patients_.size() || patients_[slot].erased) return std::nullopt;
    return static_cast<Slot>(slot);
}

std::optional<Slot> MedicappStore::find_external(std::string_view text) const {
    const auto at = by_external_.find(text);
    if (at == by_external_.end()) return std::nullopt;
    return *at;
}

ListWindow MedicappStore::list(const ListQuery& query) {
    const bool by_modified = order_ == ListOrder::modified;
    const auto& ordered = by_modified ? by_modified_ : by_order_;
    const bool filtered = query.created_after || (query.modified_after && !by_modified);
    if (!filtered) {
        const std::size_t skipped =
            query.modified_after ? ordered.rank(border(*query.modified_after, query.bound)) : 0;
        return {ordered.slice(skipped + query.offset, query.count), ordered.size() - skipped};
    }
    const auto& all = sorted(query);
    ListWindow window;
    window.total = all.size();
    const auto from = std::min(query.offset, all.size());
    const auto to = from + std::min(query.count, all.size() - from);
    window.slots.assign(all.begin() + static_cast<std::ptrdiff_t>(from),
                        all.begin() + static_cast<std::ptrdiff_t>(to));
    return window;
}

const std::vector<Slot>& MedicappStore::sorted(const ListQuery& query) {
    if (sorted_.version == version_ && sorted_.created_after == query.created_after &&
        sorted_.modified_after == query.modified_after && sorted_.bound == query.bound)
        return sorted_.slots;
    sorted_.version = version_;
    sorted_.created_after = query.created_after;
    sorted_.modified_after = query.modified_after;
    sorted_.bound = query.bound;
    const std::size_t skipped =
        query.modified_after ? by_modified_.rank(border(*query.modified_after, query.bound)) : 0;
    sorted_.slots = by_modified_.slice(skipped, by_modified_.size());
    std::erase_if(sorted_.slots, [&](Slot slot) {
        return !passes(patients_[slot].created, query.created_after, query.bound);
    });
    std::sort(sorted_.slots.begin(), sorted_.slots.end(), [&](Slot a, Slot b) {
        const auto& keys = patients_;
        return BySlot()({keys[a].order_key, a}, {keys[b].order_key, b});
    });
    return sorted_.slots;
}

std::optional<Slot> MedicappStore::any(Random& random) const {
    if (size() == 0) return std::nullopt;
    // Erased slots are rare; after some misses the next living one does.
    auto slot = random.below(patients_.size());
    for (int tries = 0; patients_[slot].erased && tries < 100; ++tries)
        slot = random.below(patients_.size());
    while (patients_[slot].erased)
        slot = (slot + 1) % patients_.size();
    return static_cast<Slot>(slot);
}

} // namespace medibridge::sandbox
