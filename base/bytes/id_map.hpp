#pragma once

#include "base/bytes/hash.hpp"
#include "base/bytes/id_table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace medibridge::base {

/// A value for each of many identifiers, of which it keeps 60 bits each: a million with a number of
/// 8 bytes need about 19 MiB, with none (IdSet) 7. Growing takes next to nothing besides.
///
/// Among ten million, an identifier that is not there is taken for another one once in 1e11 times.
template <typename Value>
class IdMap {
  public:
    /// The identifier's value; `Value()` if it was not there. Valid until the next one is added.
    Value& operator[](std::string_view id) { return put(id).first; }
    /// The same, and whether the identifier is new.
    std::pair<Value&, bool> put(std::string_view id) { return put_hash(hash_of(id)); }
    /// Null: it is not there.
    const Value* find(std::string_view id) const {
        const auto hash = hash_of(id);
        return tables_.empty() ? few_.find(hash) : tables_[table_of(hash)].find(hash);
    }
    bool contains(std::string_view id) const { return find(id) != nullptr; }
    std::size_t size() const { return size_; }

  protected:
    /// Where an identifier stands, until another one is added.
    struct Place {
        std::size_t table = 0;
        std::size_t number = 0; ///< there
    };

    std::pair<Value&, bool> put_hash(std::uint64_t hash) {
        if (tables_.empty() && few_.size() >= few) spread();
        auto placed = tables_.empty() ? few_.put(hash) : tables_[table_of(hash)].put(hash);
        size_ += placed.second ? 1 : 0;
        return placed;
    }
    /// Room for more, before what another one has is put here.
    void reserve(std::size_t more) {
        if (tables_.empty() && size_ + more > few) spread();
        if (tables_.empty()) return few_.reserve(size_ + more);
        for (auto& table : tables_)
            table.reserve(table.size() + more / tables_.size());
    }
    std::optional<Place> place(std::string_view id) const {
        const auto hash = hash_of(id);
        const auto table = tables_.empty() ? 0 : table_of(hash);
        const auto number = tables_.empty() ? few_.place(hash) : tables_[table].place(hash);
        return number ? std::optional(Place{table, *number}) : std::nullopt;
    }
    /// Of each table.
    std::vector<std::size_t> places() const {
        if (tables_.empty()) return {few_.places()};
        std::vector<std::size_t> numbers;
        for (const auto& table : tables_)
            numbers.push_back(table.places());
        return numbers;
    }
    /// Calls `visit` with the hash and the place of each.
    template <typename Visit>
    void each_hash(Visit visit) const {
        few_.each([&](std::uint64_t hash, const Value&, std::size_t number) {
            visit(hash, Place{0, number});
        });
        for (std::size_t table = 0; table < tables_.size(); ++table)
            tables_[table].each([&](std::uint64_t kept, const Value&, std::size_t number) {
                const auto first_bits = std::uint64_t{table} << (64 - table_bits);
                visit(kept | first_bits, Place{table, number});
            });
    }

  private:
    /// So many stand in one table.
    static constexpr std::size_t few = std::size_t{1} << 16U;
    /// The first bits of a hash say which of many tables it is in, where the last ones are kept.
    static constexpr unsigned table_bits = 12;
    static constexpr unsigned kept_bits = 48;

    static std::uint64_t hash_of(std::string_view id) {
        constexpr auto between = (std::uint64_t{1} << (64 - table_bits - kept_bits)) - 1;
        return text_hash(id) & ~(between << kept_bits);
    }
    static std::size_t table_of(std::uint64_t hash) { return hash >> (64 - table_bits); }

    void spread() {
        tables_.resize(std::size_t{1} << table_bits);
        for (auto& table : tables_)
            table.reserve(few_.size() / tables_.size());
        few_.each([this](std::uint64_t hash, const Value& value, std::size_t) {
            tables_[table_of(hash)].put(hash).first = value;
        });
        few_ = {};
    }

    IdTable<4, Value> few_;
    std::vector<IdTable<3, Value>> tables_; ///< instead of few_, once there are many
    std::size_t size_ = 0;
};

} // namespace medibridge::base
