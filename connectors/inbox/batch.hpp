#pragma once

#include "base/bytes/id_set.hpp"
#include "connectors/inbox/effect.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/inbox/nameless.hpp"
#include "connectors/inbox/sealed_records.hpp"
#include "reconcile/digest.hpp"
#include "state/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// Arrivals that become durable together. Blocking: for the state's worker.
class InboxBatch final : InboxEntries {
  public:
    /// `now` is this machine's clock; `described` goes from batch to batch (take_records()),
    /// and so does `nameless`, of all records without a usable externalId that are kept.
    InboxBatch(const SealedRecords& records, state::Store& store, reconcile::Instant now,
               const reconcile::IdentityPolicy& policy, base::IdSet& described,
               NamelessIndex& nameless)
        : records_(&records),
          store_(&store),
          now_(now),
          policy_(&policy),
          described_(&described),
          nameless_(&nameless) {}

    /// Applies the arrival after the former ones, whose records are within_bounds(). `mark` stands
    /// for its sender (SealedRecords::sender_mark()). Throws StoreError.
    Receipt add(Arrival arrival, std::string mark = {});
    /// Makes all of them durable, or none. Throws StoreError.
    void commit();
    /// The receipt of an earlier arrival with the same content, if there is one. Throws StoreError.
    std::optional<Receipt> repeated(const Arrival& arrival);
    /// What the batch adds to what waits in the inbox, or takes from it.
    const state::InboxLoad& growth() const { return growth_; }
    /// The externalIds of records whose times were not believed.
    const std::vector<std::string>& implausible() const { return implausible_; }

  private:
    struct Pending {
        reconcile::SourceRecord record;
        std::size_t order = 0; ///< of its last change
        state::InboxEntry sealed;
    };

    /// An entry that was looked up, so that it is decrypted once.
    struct Found {
        std::string key;
        std::optional<Known> entry;
        std::size_t waiting = 0; ///< bytes of the row that waits; 0: none does
    };

    std::optional<Receipt> receipt_of(const reconcile::Digest& content);
    const std::optional<Known>& current(const std::string& key);
    std::optional<Known> find(const std::string& external_id) override;
    void put(reconcile::SourceRecord record) override;
    void make_good(const reconcile::SourceRecord& record);
    void store_under(std::string key, reconcile::SourceRecord record);

    const SealedRecords* records_;
    state::Store* store_;
    std::map<std::string, Pending> pending_;
    std::map<reconcile::Digest, std::string> answers_;
    std::size_t changes_ = 0;
    std::string mark_; ///< of the arrival that is being applied
    state::InboxLoad growth_;
    reconcile::Instant now_;
    const reconcile::IdentityPolicy* policy_;
    base::IdSet* described_;
    NamelessIndex* nameless_;
    std::optional<Found> found_;
    std::vector<std::string> implausible_;
};

} // namespace medibridge::connectors
