#pragma once

#include "reconcile/digest.hpp"
#include "reconcile/field_table.hpp"
#include "reconcile/hold.hpp"
#include "reconcile/identity_drift.hpp"
#include "reconcile/patient.hpp"
#include "reconcile/watermark.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

/// What the state keeps: identifiers, times and keyed digests, and, sealed, what senders pushed. No
/// patient data in clear text.
namespace medibridge::state {

using reconcile::Digest;
using reconcile::FieldDigest;
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
    /// An operator chose to leave it as it is. A new Hold ends that unless it carries it over.
    bool acknowledged = false;
    /// Of one that is acknowledged: digests of the records that other sources showed then, by
    /// source. Told by Store::look_up alone.
    std::map<std::string, Digest> others = {};
    /// Of a divergence: digest of the HIS's record and of the Medicapp patient as they were when it
    /// was last found. Told by Store::look_up alone.
    std::optional<Digest> look = {};
    /// When it was last looked at again, by this machine's clock; 0: the store puts held_at_ms.
    std::int64_t looked_at_ms = 0;
};

/// Whether a person has to decide: neither a rule nor an operator has done so.
inline bool is_to_decide(const Held& held) {
    return !held.acknowledged && !reconcile::is_excluded(held.reason);
}

/// Who did something.
struct Actor {
    std::string name;
    std::int64_t uid = -1; ///< the system's number of the user; -1: medibridge itself
    bool operator==(const Actor&) const = default;
};

/// What an operator decided about something that is held, until it is carried out.
struct OperatorDecision {
    enum class Kind : std::uint8_t {
        retry,  ///< look again now
        link,   ///< this Medicapp patient is the same person
        create, ///< somebody else, or shall come back: a new Medicapp patient
        update, ///< the change is right: write it, and confirm the identity
        ignore, ///< leave it until the record changes
    };
    std::string external_id; ///< Held::key
    Kind kind = Kind::retry;
    std::string medicapp_id; ///< of a link; else empty
    Digest record{};         ///< the HIS record that the operator saw
    Digest medicapp{};       ///< the Medicapp patient that the operator saw; zero: nobody
    std::string reason;      ///< a few words of the operator's; empty: none
    Actor actor = {};
    std::int64_t at_ms = 0; ///< Unix time of this machine
};

/// The word of it, in the state and on the command line.
std::string_view name(OperatorDecision::Kind kind);
std::optional<OperatorDecision::Kind> decision_named(std::string_view name);

/// A patient that was erased in Medicapp. Kept for ever, unless an operator lifts it.
struct Tombstone {
    std::string external_id;
    std::string medicapp_id;
};

/// A patient whose requests fail, cycle after cycle, although others succeed: see
/// HoldReason::refused_by_server.
struct Refusal {
    std::string external_id;
    std::int64_t cycles = 0; ///< in a row, less those that ended because nobody was served
    bool others = false;     ///< another patient's write succeeded meanwhile
};

/// The last record of a source that was taken, or said nothing new, of a patient whom another
/// source gives too, where no moment was known of one of them: as long as it stays the same, it
/// says nothing new.
struct Taken {
    std::string external_id;
    std::string source;
    Digest digest{};
};

/// A person said of somebody in the HIS that a Medicapp patient is somebody else.
struct ToldApart {
    std::string external_id;
    Digest digest{}; ///< of that patient's Medicapp id, and of the HIS's record of then
};

/// Of Store::related().
inline constexpr std::size_t related_limit = 64;

/// Everything the state knows about one externalId.
struct Known {
    std::shared_ptr<const Link> link; ///< null: not linked. Apart, as it is large.
    std::optional<Held> held;
    std::optional<Tombstone> tombstone;
    std::optional<Intent> intent;
    std::optional<Unlinked> unlinked; ///< a Medicapp patient with that externalId, not linked
    std::string redirect;             ///< the survivor of a merge; empty: none
    std::optional<Instant> merged_at; ///< of the record that says so; nothing: not told
    bool related = false; ///< with others, by what was stated of their numbers: Store::related()
    std::optional<Refusal> refusal;
    std::shared_ptr<const OperatorDecision> decision; ///< null: none that is to be carried out
    std::map<std::string, Digest> taken;              ///< Taken::digest by source
    std::set<Digest> told_apart;                      ///< ToldApart::digest
    /// The tables in which a row about the patient is not as medibridge wrote it, comma-separated.
    /// Such a row is not told of. Empty: none.
    std::string altered;
};

/// A row that is not as medibridge wrote it: changed, exchanged or added by somebody without the
/// state's key, or by a fault of the disk.
struct AlteredRow {
    std::string table; ///< or `indexes`: what they say otherwise than the rows
    std::string key;   ///< whom it is about: an externalId, or Held::key; empty: nobody
    bool operator==(const AlteredRow&) const = default;
};

/// What a check of the rows found.
struct AlteredRows {
    std::int64_t count = 0;
    std::vector<AlteredRow> rows; ///< of these, as many as were asked for
};

/// How far Medicapp or a source has been read. `side` is `medicapp` or `his:NAME`.
struct Watermark : reconcile::ReadMark {
    std::string side;
};

/// The newest record that arrived about one patient, sealed; or a record without a usable
/// externalId.
struct InboxEntry {
    std::int64_t sequence = 0; ///< rises with each change; given by the store
    std::string source;
    std::string key;    ///< the externalId, or `record:HEX` for a record without one
    std::string sealed; ///< empty when read: it is larger than InboxLimits::row
    bool taken = false; ///< applied or held since it changed
};

/// The answer to a message or file that arrived, in case it comes again.
struct InboxReceipt {
    std::string source;
    Digest content{}; ///< of all its bytes
    std::string sealed_answer;
};

/// One line of the audit: what was done to whom, without values.
struct AuditEntry {
    std::string external_id;
    std::string medicapp_id;
    std::string action; ///< a word, such as `created`, `held` or `erased`
    std::string detail; ///< names of fields, or a reason
    std::string request_id;
    /// Unix time of this machine, for display only; 0: the store puts its own.
    std::int64_t at_ms = 0;
    Actor actor = {};
    std::int64_t id = 0; ///< rises with each line; given by the store
};

/// Meta key: the links may not be what they were when Medicapp last showed them (an upgrade, a
/// backup that was put back, another space). Until Medicapp was read completely, nobody is written
/// to without a look. Its value says why; empty: the links are as confirmed.
inline constexpr std::string_view unconfirmed_links_key = "links:unconfirmed";

/// Bounds the growth of an inbox.
struct InboxLimits {
    static constexpr std::int64_t nameless = 1'000;   ///< a source
    static constexpr std::int64_t receipts = 100'000; ///< of all sources, approximately
    /// Bytes of a sealed record that is read. Only former versions wrote larger ones.
    static constexpr std::size_t row = 64 << 10;
    static constexpr std::size_t read_at_once = 1 << 20; ///< bytes of sealed records
};

/// What an inbox holds that was not taken yet.
struct InboxLoad {
    std::int64_t rows = 0;
    std::int64_t bytes = 0; ///< of sealed records
};

} // namespace medibridge::state
