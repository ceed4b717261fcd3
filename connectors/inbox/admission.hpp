#pragma once

#include "connectors/inbox/inbox.hpp"
#include "connectors/source/environment.hpp"
#include "state/records.hpp"

#include <map>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// Whether an inbox has room: how much waits to be taken, and who sent it. Who sent what is known
/// since the start of the process only; what waited before counts for nobody. Pure.
class Admission {
  public:
    explicit Admission(InboxQuota quota) : quota_(quota) {}

    /// What waits must be told before anything else, and again after taken().
    bool knows_load() const { return load_.has_value(); }
    void learn(state::InboxLoad load) { load_ = load; }

    Receipt::Full fullness(const std::string& sender) const;
    void add(const std::string& sender, state::InboxLoad growth);

    /// What arrived so far is being read.
    void reading_begins();
    /// What was being read was taken.
    void taken();

  private:
    static constexpr std::size_t most_senders = 10'000; ///< of whom it keeps account

    static void grow(state::InboxLoad& load, const state::InboxLoad& growth);
    bool exceeds(const state::InboxLoad& load, int percent) const;

    InboxQuota quota_;
    std::optional<state::InboxLoad> load_;
    std::map<std::string, state::InboxLoad> arrived_; ///< since reading_begins(), by sender
    std::map<std::string, state::InboxLoad> read_;    ///< before it
};

} // namespace medibridge::connectors
