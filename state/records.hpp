#pragma once

#include "reconcile/decide.hpp"
#include "reconcile/digest.hpp"
#include "reconcile/hold.hpp"
#include "reconcile/identity_drift.hpp"
#include "reconcile/patient.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What the state keeps: identifiers, times and keyed digests. Patient data only sealed, in the
/// inbox.
namespace medibridge::state {

using reconcile::Digest;
using reconcile::FieldDigests;
using reconcile::Instant;

/// A patient that is in the HIS and in Medicapp, and what each looked like when they last agreed.
struct Link {
    std::string external_id;
    std::string medicapp_id;
    std::string source; ///< the source that the HIS baseline came from; empty: none yet
    reconcile::Baselines baselines;
    /// The source that e-mail, phone and postal address came from; empty: none yet.
    std::string contact_source;
    reconcile::IdentityDrift drift; ///< what changed since the identity was last confirmed
    /// The HIS's last implausible time, so that it is logged once; nothing: none.
    std::optional<Instant> unbelieved_at;
};

/// A Medicapp patient that is not linked: known to the local index only.
struct Unlinked {
    std::string medicapp_id;
    std::string external_id; ///< empty: Medicapp has none
    std::optional<Instant> modified_at;
    /// reconcile::matching_keys, digested; kept for patients without externalId.
    std::vector<Digest> matching_keys;
};

/// A write that was about to be sent. What was sent is known by its digests only.
struct Intent {
    enum class Kind : std::uint8_t { create, update };
    std::string external_id;
    Kind kind = Kind::create;
    std::string medicapp_id; ///< empty for a create
    FieldDigests sent{};     ///< digests of what is sent; unknown where the field is not sent
};

/// A patient, or a record without a usable externalId, that is held.
struct Held {
    std::string key; ///< the externalId, or `record:HEX` for a record without one
    std::string source;
    reconcile::HoldReason reason = reconcile::HoldReason::invalid;
    std::string field;       ///< canonical name; empty: none in particular
    std::string detail;      ///< words without values; Medicapp's `code` for `rejected`
    std::string medicapp_id; ///< the other patient concerned; empty: none
    std::string request_id;
    Digest record{}; ///< digest of the HIS record that was held: a change retries it
    std::int64_t attempts = 1;
    std::int64_t held_at_ms = 0; ///< Unix time of this machine, for display only
};

/// A patient that was erased in Medicapp. Kept for ever, unless an operator lifts it.
struct Tombstone {
    std::string external_id;
    std::string medicapp_id;
};

/// A patient whose requests fail, cycle after cycle, although Medicapp is served: see
/// HoldReason::refused_by_server.
struct Refusal {
    std::string external_id;
    std::int64_t cycles = 0; ///< in a row
    bool others = false;     ///< another patient's write succeeded meanwhile
};

/// Everything the state knows about one externalId.
struct Known {
    std::optional<Link> link;
    std::optional<Held> held;
    std::optional<Tombstone> tombstone;
    std::optional<Intent> intent;
    std::optional<Unlinked> unlinked; ///< a Medicapp patient with that externalId, not linked
    std::string redirect;             ///< the survivor of a merge; empty: none
    std::optional<Refusal> refusal;
};

/// How far Medicapp or a source has been read. `side` is `medicapp` or `his:NAME`.
struct Watermark {
    std::string side;
    std::optional<Instant> stamp; ///< the newest of the data's own times that is behind us
    std::string tie_breaker;      ///< the last key that was shown at that stamp; empty: unknown
    /// The newest of a pass of several pages: becomes `stamp` after one more pass.
    std::optional<Instant> pending;
    /// The server's own clock when the newer of both was first reached, and at the last read;
    /// nothing if it shows no clock.
    std::optional<Instant> reached_at;
    std::optional<Instant> clock;
    bool settled = false; ///< nothing at or before `stamp` can appear any more
    reconcile::Precision precision = reconcile::Precision::seconds;
};

/// The newest of what arrived of one patient, sealed; or a record without a usable externalId.
struct InboxEntry {
    std::int64_t sequence = 0; ///< rises with each change; given by the store
    std::string source;
    std::string key; ///< the externalId, or `record:HEX` for a record without one
    std::string sealed;
    bool taken = false; ///< applied or held since it changed
};

/// The answer to something that arrived, in case it comes again.
struct InboxReceipt {
    std::string source;
    Digest content{}; ///< of the whole of it
    std::string sealed_answer;
};

/// One line of the audit: what was done to whom, without values.
struct AuditEntry {
    std::string external_id;
    std::string medicapp_id;
    std::string action; ///< `created`, `updated`, `linked`, `held`, `released`, `erased`
    std::string detail; ///< names of fields, or a reason
    std::string request_id;
    /// Unix time of this machine, for display only; 0: the store puts its own.
    std::int64_t at_ms = 0;
};

/// Bounds the growth of an inbox.
struct InboxLimits {
    static constexpr std::int64_t nameless = 1'000;   ///< a source
    static constexpr std::int64_t receipts = 100'000; ///< of all sources, about
};

/// Changes that become durable together, in the order given.
class Batch {
  public:
    struct PutLink {
        Link link;
    }; ///< also removes the Unlinked with that id
    struct DropLink {
        std::string external_id;
    };
    struct PutUnlinked {
        Unlinked unlinked;
    };
    struct DropUnlinked {
        std::string medicapp_id;
    };
    struct PutIntent {
        Intent intent;
    };
    struct DropIntent {
        std::string external_id;
    };
    struct Hold {
        Held held;
    }; ///< replaces what is held under that key, `attempts` and `held_at_ms` included
    struct Release {
        std::string key;
    };
    struct PutTombstone {
        Tombstone tombstone;
    };
    struct DropTombstone {
        std::string external_id;
    };
    struct PutRedirect {
        std::string from;
        std::string to; ///< empty: no redirect any more
    };
    struct PutRefusal {
        Refusal refusal;
    };
    struct DropRefusal {
        std::string external_id;
    };
    struct PutWatermark {
        Watermark watermark;
    };
    struct PutMeta {
        std::string key;
        std::string value; ///< empty: the key goes
    };
    struct PutInbox {
        InboxEntry entry;
    }; ///< replaces the entry with that key; it gets the next sequence and is not taken
    struct PutReceipt {
        InboxReceipt receipt;
    };
    /// Marks entries up to that sequence as taken. Of those without externalId that were taken, the
    /// newest InboxLimits::nameless stay.
    struct TakeInbox {
        std::string source;
        std::int64_t up_to = 0;
    };
    struct Audit {
        AuditEntry entry;
    };

    using Change =
        std::variant<PutLink, DropLink, PutUnlinked, DropUnlinked, PutIntent, DropIntent, Hold,
                     Release, PutTombstone, DropTombstone, PutRedirect, PutRefusal, DropRefusal,
                     PutWatermark, PutMeta, PutInbox, PutReceipt, TakeInbox, Audit>;

    void add(Change change) { changes_.push_back(std::move(change)); }
    void append(Batch other) {
        for (auto& change : other.changes_)
            changes_.push_back(std::move(change));
    }
    bool empty() const { return changes_.empty(); }
    std::size_t size() const { return changes_.size(); }
    const std::vector<Change>& changes() const { return changes_; }

  private:
    std::vector<Change> changes_;
};

} // namespace medibridge::state
