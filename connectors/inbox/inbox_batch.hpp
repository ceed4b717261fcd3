#pragma once

#include "base/bytes/id_set.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/inbox/inbox_effect.hpp"
#include "reconcile/digest.hpp"
#include "state/seal.hpp"
#include "state/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::connectors {

/// Records and answers of one source's inbox as they lie in the state: sealed, each in its place.
class SealedRecords {
  public:
    SealedRecords(std::string source, state::Seal seal, reconcile::Digester digester)
        : source_(std::move(source)),
          seal_(std::move(seal)),
          digester_(std::move(digester)) {}

    const std::string& source() const { return source_; }
    /// The externalId, or `record:HEX` for a record without one.
    std::string key_of(const reconcile::SourceRecord& record) const;
    reconcile::Digest content_key(const ContentDigest& content) const;

    state::InboxEntry close(const std::string& key, const reconcile::SourceRecord& record) const;
    /// Throws StoreError (damaged) for what this key did not close.
    reconcile::SourceRecord open(const state::InboxEntry& entry) const;

    state::InboxReceipt close_receipt(const reconcile::Digest& content,
                                      const std::string& answer) const;
    std::string open_receipt(const state::InboxReceipt& receipt) const; ///< as open()

  private:
    std::string source_;
    state::Seal seal_;
    reconcile::Digester digester_;
};

/// Keeps 8 bytes of each: as long as the parts of a file follow each other.
class DescribedIds final : public DescribedPatients {
  public:
    void clear() override { ids_ = base::IdSet(); }
    bool insert(std::string_view external_id) override { return ids_.insert(external_id); }

  private:
    base::IdSet ids_;
};

/// Arrivals that become durable together. Blocking: for the state's worker.
class InboxBatch final : InboxEntries {
  public:
    /// `now` is this machine's clock; `described` goes from batch to batch.
    InboxBatch(const SealedRecords& records, state::Store& store, reconcile::Instant now,
               const reconcile::IdentityPolicy& policy, DescribedIds& described)
        : records_(&records),
          store_(&store),
          now_(now),
          policy_(&policy),
          described_(&described) {}

    /// The arrival's effect, after that of those before. Throws StoreError.
    Receipt add(Arrival arrival);
    /// Makes all of them durable, or none. Throws StoreError.
    void commit();
    /// The externalIds of records whose times were not believed.
    const std::vector<std::string>& implausible() const { return implausible_; }

  private:
    struct Pending {
        reconcile::SourceRecord record;
        std::size_t order = 0; ///< of its last change
    };

    /// One that was looked up, so that it is opened once.
    struct Found {
        std::string key;
        std::optional<Known> entry;
    };

    std::optional<Receipt> receipt_of(const reconcile::Digest& content);
    const std::optional<Known>& current(const std::string& key);
    std::optional<Known> find(const std::string& external_id) override;
    void put(reconcile::SourceRecord record) override;

    const SealedRecords* records_;
    state::Store* store_;
    std::map<std::string, Pending> pending_;
    std::map<reconcile::Digest, std::string> answers_;
    std::size_t changes_ = 0;
    reconcile::Instant now_;
    const reconcile::IdentityPolicy* policy_;
    DescribedIds* described_;
    std::optional<Found> found_;
    std::vector<std::string> implausible_;
};

} // namespace medibridge::connectors
