#pragma once

#include "base/bytes/id_tables.hpp"

#include <cstddef>
#include <string_view>
#include <utility>

namespace medibridge::base {

/// A value for each of many identifiers, of which it keeps 60 bits each: a million with a number of
/// 8 bytes need about 19 MiB.
///
/// Among ten million, an identifier that is not there is taken for another one once in 1e11 times.
template <typename Value>
class IdMap {
  public:
    /// The identifier's value; `Value()` if it was not there. Valid until the next one is added.
    Value& operator[](std::string_view id) { return put(id).first; }
    /// The same, and whether the identifier is new.
    std::pair<Value&, bool> put(std::string_view id) {
        auto entry = tables_.put(Tables::hash_of(id));
        size_ += entry.is_new ? 1 : 0;
        return {entry.value, entry.is_new};
    }
    /// Null: it is not there.
    const Value* find(std::string_view id) const { return tables_.find(Tables::hash_of(id)).value; }
    bool contains(std::string_view id) const { return find(id) != nullptr; }
    std::size_t size() const { return size_; }

  private:
    using Tables = IdTables<0, Value>;

    Tables tables_;
    std::size_t size_ = 0;
};

} // namespace medibridge::base
