#pragma once

#include "connectors/inbox/inbox.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/patient.hpp"
#include "state/key.hpp"
#include "state/store.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace medibridge::connectors {

/// A record as a text, for an inbox to seal. Holds personal data in clear. record_from_text() reads
/// it, and the shorter texts of former versions too.
std::string record_text(const reconcile::SourceRecord& record);

/// Throws std::invalid_argument, which quotes nothing, for what record_text() did not write.
reconcile::SourceRecord record_from_text(std::string_view text);

/// Records and answers of one source's inbox as the state holds them: sealed, each bound to its
/// place.
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
    /// Nothing for what this key did not close, or was changed since.
    std::optional<reconcile::SourceRecord> open(const state::InboxEntry& entry) const;
    /// What follows from such an entry: its patient is held, as nobody knows any more what it said.
    state::Batch set_aside(const state::InboxEntry& entry, reconcile::Instant now) const;

    state::InboxReceipt close_receipt(const reconcile::Digest& content,
                                      const std::string& answer) const;
    std::optional<std::string> open_receipt(const state::InboxReceipt& receipt) const;

  private:
    std::string source_;
    state::Seal seal_;
    reconcile::Digester digester_;
};

} // namespace medibridge::connectors
