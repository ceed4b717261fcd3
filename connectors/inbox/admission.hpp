#pragma once

#include "connectors/inbox/inbox.hpp"
#include "connectors/source/environment.hpp"
#include "state/records.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>

namespace medibridge::connectors {

/// Whether an inbox has room: how much waits to be taken, and who sent it. Nobody can have more
/// than their share before all together have as much: only then the inbox is looked through for
/// who sent what waits. Pure.
class Admission {
  public:
    /// What waits, by the sender's mark (SealedRecords::sender_mark()).
    using Shares = std::map<std::string, state::InboxLoad>;
    static constexpr std::size_t most_senders = 10'000; ///< of whom account is kept

    explicit Admission(InboxQuota quota) : quota_(quota) {}

    /// What waits must be told before anything else, and again after taken().
    bool knows_load() const { return load_.has_value(); }
    void learn(state::InboxLoad load) { load_ = load; }
    /// Whether who sent what is durable must be told, before fullness().
    bool needs_shares() const {
        return !shares_ && load_ && exceeds(*load_, quota_.sender_percent);
    }
    void learn(Shares shares);

    /// An empty mark has no quota.
    Receipt::Full fullness(const std::string& mark) const;
    /// What is about to become durable.
    void add(const std::string& mark, const state::InboxLoad& growth);
    /// What was added is durable.
    void committed() { adding_.clear(); }

    /// Part of what waited was taken.
    void taken() {
        load_.reset();
        shares_.reset();
    }

    static void grow(state::InboxLoad& load, const state::InboxLoad& growth);

  private:
    bool exceeds(const state::InboxLoad& load, int percent) const;

    InboxQuota quota_;
    std::optional<state::InboxLoad> load_;
    std::optional<Shares> shares_; ///< nothing: not known, as nobody can have too much
    Shares adding_;                ///< of the commit that is being prepared
};

} // namespace medibridge::connectors
