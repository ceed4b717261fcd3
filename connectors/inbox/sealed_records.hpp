#pragma once

#include "connectors/inbox/content_hash.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/patient.hpp"
#include "state/key.hpp"
#include "state/store.hpp"

#include <string>
#include <utility>

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

} // namespace medibridge::connectors
