#include "stored_file.hpp"

#include <algorithm>

namespace medibridge::disk {
namespace {

constexpr std::size_t sector_size = 512;

void put(std::size_t offset, std::string_view bytes, std::string& to) {
    if (to.size() < offset + bytes.size()) to.resize(offset + bytes.size());
    std::ranges::copy(bytes, to.begin() + static_cast<std::ptrdiff_t>(offset));
}

} // namespace

void StoredFile::apply(const Change& change, std::string& to) {
    if (change.truncates)
        to.resize(change.offset);
    else
        put(change.offset, change.bytes, to);
}

void StoredFile::apply_torn(const Change& change, std::string& to, Random& random) {
    const std::size_t end = change.offset + change.bytes.size();
    // The file's length is kept apart from its bytes: it may grow, and the bytes stay away.
    if (draw(random, 2) == 0 && to.size() < end) to.resize(end);
    for (std::size_t from = change.offset; from < end;) {
        const std::size_t next = std::min(end, (from / sector_size + 1) * sector_size);
        if (draw(random, 2) == 0)
            put(from, std::string_view(change.bytes).substr(from - change.offset, next - from), to);
        from = next;
    }
}

void StoredFile::write(std::size_t offset, std::string_view bytes) {
    Change change{offset, std::string(bytes), false};
    apply(change, now_);
    unsynced_.push_back(std::move(change));
}

void StoredFile::truncate(std::size_t size) {
    Change change{size, {}, true};
    apply(change, now_);
    unsynced_.push_back(std::move(change));
}

void StoredFile::sync() {
    for (const Change& change : unsynced_)
        apply(change, durable_);
    unsynced_.clear();
}

void StoredFile::lose_power(Random& random) {
    // All or nothing of it is likely on a real disk, and hardly ever drawn change by change.
    const std::size_t mood = draw(random, 4);
    for (std::size_t i = unsynced_.size(); mood > 1 && i > 1; --i)
        std::swap(unsynced_[i - 1], unsynced_[draw(random, i)]);
    for (const Change& change : unsynced_) {
        const std::size_t fate = mood > 1 ? draw(random, 3) : mood;
        if (fate == 1)
            apply(change, durable_);
        else if (fate == 2 && !change.truncates)
            apply_torn(change, durable_, random);
    }
    unsynced_.clear();
    now_ = durable_;
}

} // namespace medibridge::disk
