#pragma once

#include "base/bytes/hash.hpp"
#include "base/bytes/id_table.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::base {

/// A value, and `marks` marks, for each of many identifiers, of which it keeps 60 bits each less
/// the marks. Growing takes next to nothing besides, as many identifiers stand in many tables.
template <unsigned marks, typename Value>
class IdTables {
  public:
    struct Entry {
        std::uint16_t& marked; ///< by id_mark(); the other bits are none of the caller's
        Value& value;
        bool is_new;
    };
    struct Found {
        std::uint16_t marked = 0;
        const Value* value = nullptr; ///< null: the identifier is not there
    };

    static std::uint64_t hash_of(std::string_view id) { return text_hash(id) >> (64 - hash_bits); }

    /// `Value()` and no marks if it was not there. Valid until another identifier is added.
    Entry put(std::uint64_t hash) {
        if (tables_.empty() && few_.size() >= few) spread();
        return tables_.empty() ? entry(few_.put(hash)) : entry(tables_[table_of(hash)].put(hash));
    }
    Found find(std::uint64_t hash) const {
        return tables_.empty() ? found(few_.find(hash)) : found(tables_[table_of(hash)].find(hash));
    }
    /// Room for more, before what other tables have is put here.
    void reserve(std::size_t more) {
        if (tables_.empty() && few_.size() + more > few) spread();
        if (tables_.empty()) return few_.reserve(few_.size() + more);
        for (auto& table : tables_)
            table.reserve(table.size() + more / tables_.size());
    }
    /// For how many it has memory.
    std::size_t room() const {
        auto room = few_.room();
        for (const auto& table : tables_)
            room += table.room();
        return room;
    }
    /// Calls `visit` with each hash and a reference to its marks. Nothing may be added meanwhile.
    template <typename Self, typename Visit>
    void each(this Self& self, Visit visit) {
        self.few_.each([&](auto& slot) { visit(slot.key(), slot.marked()); });
        for (std::size_t table = 0; table < self.tables_.size(); ++table) {
            const auto first_bits = std::uint64_t{table} << kept_bits;
            self.tables_[table].each(
                [&](auto& slot) { visit(first_bits | slot.key(), slot.marked()); });
        }
    }

  private:
    /// So many stand in one table.
    static constexpr std::size_t few = std::size_t{1} << 16U;
    /// The first bits of a hash say which of many tables it is in, where the others are kept.
    static constexpr unsigned table_bits = 12;
    static constexpr unsigned kept_bits = 48 - marks;
    static constexpr unsigned hash_bits = table_bits + kept_bits;

    static std::size_t table_of(std::uint64_t hash) { return hash >> kept_bits; }
    template <typename Slot>
    static Entry entry(std::pair<Slot&, bool> put) {
        return {put.first.marked(), put.first.value, put.second};
    }
    template <typename Slot>
    static Found found(const Slot* slot) {
        return slot == nullptr ? Found() : Found{slot->marked(), &slot->value};
    }

    void spread() {
        tables_.resize(std::size_t{1} << table_bits);
        for (auto& table : tables_)
            table.reserve(few_.size() / tables_.size());
        few_.each([this](const auto& slot) {
            if (!slot.is_used()) return;
            auto& moved = tables_[table_of(slot.key())].put(slot.key()).first;
            moved.marked() = static_cast<std::uint16_t>(moved.marked() | marks_of(slot.marked()));
            moved.value = slot.value;
        });
        few_ = {};
    }
    static std::uint16_t marks_of(std::uint16_t marked) {
        return static_cast<std::uint16_t>(marked >> (16 - marks) << (16 - marks));
    }

    IdTable<4, hash_bits, marks, Value> few_;
    std::vector<IdTable<3, kept_bits, marks, Value>>
        tables_; ///< instead of few_, once there are many
};

} // namespace medibridge::base
