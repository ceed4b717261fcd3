#pragma once

#include "connectors/his/inbox.hpp"
#include "reconcile/digest.hpp"
#include "state/seal.hpp"
#include "state/store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::daemon {

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
    reconcile::Digest content_key(const connectors::ContentDigest& content) const;

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

/// Arrivals that become durable together. Blocking: for the state's worker.
class InboxBatch {
  public:
    InboxBatch(const SealedRecords& records, state::Store& store)
        : records_(&records),
          store_(&store) {}

    /// The arrival's effect, after that of those before. Throws StoreError.
    connectors::Receipt add(connectors::Arrival arrival);
    /// Makes all of them durable, or none. Throws StoreError.
    void commit();

  private:
    struct Pending {
        reconcile::SourceRecord record;
        std::size_t order = 0; ///< of its last change
    };

    std::optional<connectors::Receipt> receipt_of(const reconcile::Digest& content);
    std::optional<reconcile::SourceRecord> current(const std::string& key);
    void take(reconcile::SourceRecord record, bool survivor);

    const SealedRecords* records_;
    state::Store* store_;
    std::map<std::string, Pending> pending_;
    std::map<reconcile::Digest, std::string> answers_;
    std::size_t changes_ = 0;
};

} // namespace medibridge::daemon
