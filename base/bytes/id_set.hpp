#pragma once

#include "base/bytes/id_tables.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace medibridge::base {

/// A set of identifiers that keeps 56 bits of each: a million need 7 MiB. An identifier in several
/// sets that are alike(), up to four, takes these 7 bytes once.
///
/// Among ten million, an identifier that is not there is taken for another one once in 7e9 times.
class IdSet {
  public:
    IdSet();
    ~IdSet();
    IdSet(IdSet&& other) noexcept; ///< `other` may only be assigned to, or end
    IdSet& operator=(IdSet&& other) noexcept;
    IdSet(const IdSet& other); ///< which shares nothing
    IdSet& operator=(const IdSet& other);

    /// An empty set for much the same identifiers. If four are alike already, it shares nothing
    /// with them.
    IdSet alike() const;

    /// False if it was there already.
    bool insert(std::string_view id) { return put(Tables::hash_of(id)); }
    /// Those of another set.
    void insert(const IdSet& others);
    bool contains(std::string_view id) const { return has(Tables::hash_of(id)); }
    /// All those of another set.
    bool contains(const IdSet& others) const;
    std::size_t size() const { return size_; }
    /// For how many identifiers it, and what is alike, take memory.
    std::size_t room() const { return shared_->tables.room(); }

  private:
    struct NoValue {};
    static constexpr unsigned most_alike = 4;
    using Tables = IdTables<most_alike, NoValue>;

    /// What sets that are alike share: each of them has one of the marks.
    struct Shared {
        Tables tables;
        std::uint16_t taken = 0; ///< marks
    };

    IdSet(std::shared_ptr<Shared> shared, std::uint16_t mark);

    bool put(std::uint64_t hash);
    bool has(std::uint64_t hash) const { return (shared_->tables.find(hash).marked & mark_) != 0; }
    template <typename Visit>
    void each_hash(Visit visit) const;
    void leave();

    std::shared_ptr<Shared> shared_; ///< null: moved from
    std::uint16_t mark_ = 0;
    std::size_t size_ = 0;
};

} // namespace medibridge::base
