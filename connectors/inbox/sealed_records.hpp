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
    /// The externalId, or `record:HEX` for a record without a usable one: the same for all that say
    /// the same.
    std::string key_of(const reconcile::SourceRecord& record) const;
    reconcile::Digest content_key(const ContentDigest& content) const;

    /// What stands for a sender in an entry: a keyed digest, hexadecimal. Empty for none.
    std::string sender_mark(const std::string& sender) const;

    /// `mark`: whose share of the inbox's quota the entry takes, as sender_mark() gave it.
    state::InboxEntry close(const std::string& key, const reconcile::SourceRecord& record,
                            const std::string& mark = {}) const;
    /// The mark that close() got; empty: none, or it cannot be opened.
    std::string mark_of(const state::InboxEntry& entry) const;
    /// Throws StoreError (damaged) for what this key did not close.
    reconcile::SourceRecord open(const state::InboxEntry& entry) const;
    /// As open(). For what cannot be opened, a record under the same externalId that is held as
    /// invalid and says why: one row that was changed, or that a former version left too large,
    /// stops no other.
    reconcile::SourceRecord shown(const state::InboxEntry& entry) const;
    /// As open(); nothing: it cannot be opened.
    std::optional<reconcile::SourceRecord> find(const state::InboxEntry& entry) const;

    state::InboxReceipt close_receipt(const reconcile::Digest& content,
                                      const std::string& answer) const;
    /// Nothing: it cannot be opened.
    std::optional<std::string> open_receipt(const state::InboxReceipt& receipt) const;

  private:
    std::optional<std::string> text_of(const state::InboxEntry& entry) const;

    std::string source_;
    state::Seal seal_;
    reconcile::Digester digester_;
};

} // namespace medibridge::connectors
