#include "base/bytes/id_set.hpp"

#include <utility>

namespace medibridge::base {

IdSet::IdSet() : IdSet(std::make_shared<Shared>(), id_mark(0)) {}

IdSet::IdSet(std::shared_ptr<Shared> shared, std::uint16_t mark)
    : shared_(std::move(shared)),
      mark_(mark) {
    shared_->taken |= mark;
}

IdSet::~IdSet() {
    leave();
}

IdSet::IdSet(IdSet&& other) noexcept
    : shared_(std::move(other.shared_)),
      mark_(other.mark_),
      size_(std::exchange(other.size_, 0)) {}

IdSet& IdSet::operator=(IdSet&& other) noexcept {
    if (this == &other) return *this;
    leave();
    shared_ = std::move(other.shared_);
    mark_ = other.mark_;
    size_ = std::exchange(other.size_, 0);
    return *this;
}

IdSet::IdSet(const IdSet& other) : IdSet() {
    insert(other);
}

IdSet& IdSet::operator=(const IdSet& other) {
    if (this != &other) *this = IdSet(other);
    return *this;
}

IdSet IdSet::alike() const {
    for (unsigned n = 0; shared_ && n < most_alike; ++n)
        if ((shared_->taken & id_mark(n)) == 0) return {shared_, id_mark(n)};
    return {};
}

void IdSet::insert(const IdSet& others) {
    if (shared_ == others.shared_) {
        shared_->tables.each([&](std::uint64_t, std::uint16_t& marked) {
            if ((marked & others.mark_) == 0 || (marked & mark_) != 0) return;
            marked |= mark_;
            ++size_;
        });
        return;
    }
    shared_->tables.reserve(others.size());
    others.each_hash([this](std::uint64_t hash) { put(hash); });
}

bool IdSet::contains(const IdSet& others) const {
    bool all = true;
    others.each_hash([&](std::uint64_t hash) { all = all && has(hash); });
    return all;
}

bool IdSet::put(std::uint64_t hash) {
    auto& marked = shared_->tables.put(hash).marked;
    if ((marked & mark_) != 0) return false;
    marked |= mark_;
    ++size_;
    return true;
}

template <typename Visit>
void IdSet::each_hash(Visit visit) const {
    std::as_const(shared_->tables).each([&](std::uint64_t hash, const std::uint16_t& marked) {
        if ((marked & mark_) != 0) visit(hash);
    });
}

/// The others do not have to look at its mark any more.
void IdSet::leave() {
    if (!shared_) return;
    shared_->taken &= static_cast<std::uint16_t>(~mark_);
    if (shared_->taken != 0)
        shared_->tables.each([this](std::uint64_t, std::uint16_t& marked) {
            marked &= static_cast<std::uint16_t>(~mark_);
        });
    shared_.reset();
}

} // namespace medibridge::base
