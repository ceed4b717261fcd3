#pragma once

#include "state/records.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace medibridge::state {

/// Changes that become durable together, in the given order: functions for callers, variants for
/// the stores that apply them.
class Batch {
  public:
    // Out of line, all of them: a variant of so many types takes a compiler long, and most who
    // include this do not look into it.
    Batch();
    ~Batch();
    Batch(const Batch& other);
    Batch(Batch&& other) noexcept;
    Batch& operator=(const Batch& other);
    Batch& operator=(Batch&& other) noexcept;

    /// Also removes the Unlinked with that Medicapp id.
    void put_link(Link link);
    void drop_link(std::string external_id);
    void put_unlinked(Unlinked unlinked);
    void drop_unlinked(std::string medicapp_id);
    void put_intent(Intent intent);
    void drop_intent(std::string external_id);
    /// Replaces what is held under that key, `attempts` and `held_at_ms` included.
    void hold(Held held);
    void release(std::string key);
    /// Removes the rows about the patient that are not as medibridge wrote them; an empty key: all
    /// such rows, of whomever.
    void set_aside(std::string key);
    void put_tombstone(Tombstone tombstone);
    void drop_tombstone(std::string external_id);
    void put_redirect(std::string from, std::string to,
                      std::optional<Instant> merged_at = std::nullopt);
    /// The patient of `prior` is, as somebody stated once, the one of `external_id`. That stays
    /// known, whatever is said later. A redirect states it, too.
    void put_prior(std::string external_id, std::string prior);
    void drop_redirect(std::string from);
    void put_refusal(Refusal refusal);
    void drop_refusal(std::string external_id);
    /// Replaces the decision about the same held key.
    void put_decision(OperatorDecision decision);
    void drop_decision(std::string key);
    /// Replaces that source's of the patient. It goes as the patient's link is dropped.
    void put_taken(Taken taken);
    /// What was taken of a patient is of the other externalId from now on.
    void move_taken(std::string from, std::string to);
    /// Goes as the patient is forgotten, or with withdraw_apart().
    void tell_apart(ToldApart told);
    /// Nobody is told apart from that externalId's patient any more.
    void withdraw_apart(std::string external_id);
    void put_watermark(Watermark watermark);
    /// An empty value removes the key.
    void put_meta(std::string key, std::string value);
    /// Replaces the entry with that key; it gets the next sequence and is not taken.
    void put_inbox(InboxEntry entry);
    void put_receipt(InboxReceipt receipt);
    /// Marks entries up to that sequence as taken. Of those without externalId that were taken, the
    /// newest InboxLimits::nameless stay.
    void take_inbox(std::string source, std::int64_t up_to);
    /// Removes what is kept of a patient who was erased in Medicapp: what arrived about them, and
    /// Medicapp patients with their externalId who are not linked. Once it is durable, its bytes
    /// are gone from the state's file and log. Tombstone and audit stay.
    void forget(std::string external_id);
    /// The same, but for what arrived and no cycle has taken yet.
    void forget_taken(std::string external_id);
    void audit(AuditEntry entry);

    struct PutLink {
        PutLink(Link put) : link(std::make_shared<const Link>(std::move(put))) {}
        /// Never null. Apart, as it is three times as large as any other change.
        std::shared_ptr<const Link> link;
    };
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
    };
    struct Release {
        std::string key;
    };
    struct SetAside {
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
        std::string to;                        ///< empty: no redirect any more
        std::optional<Instant> merged_at = {}; ///< Known::merged_at
    };
    struct PutPrior {
        std::string external_id;
        std::string prior;
    };
    struct PutRefusal {
        Refusal refusal;
    };
    struct DropRefusal {
        std::string external_id;
    };
    struct PutDecision {
        OperatorDecision decision;
    };
    struct DropDecision {
        std::string key;
    };
    struct PutTaken {
        Taken taken;
    };
    struct MoveTaken {
        std::string from;
        std::string to;
    };
    struct TellApart {
        ToldApart told;
    };
    struct WithdrawApart {
        std::string external_id;
    };
    struct PutWatermark {
        Watermark watermark;
    };
    struct PutMeta {
        std::string key;
        std::string value;
    };
    struct PutInbox {
        InboxEntry entry;
    };
    struct PutReceipt {
        InboxReceipt receipt;
    };
    struct TakeInbox {
        std::string source;
        std::int64_t up_to = 0;
    };
    struct Forget {
        std::string external_id;
        bool only_taken = false; ///< of what arrived
    };
    struct Audit {
        AuditEntry entry;
    };

    using Change = std::variant<PutLink, DropLink, PutUnlinked, DropUnlinked, PutIntent, DropIntent,
                                Hold, Release, SetAside, PutTombstone, DropTombstone, PutRedirect,
                                PutPrior, PutRefusal, DropRefusal, PutDecision, DropDecision,
                                PutTaken, MoveTaken, TellApart, WithdrawApart, PutWatermark,
                                PutMeta, PutInbox, PutReceipt, TakeInbox, Forget, Audit>;

    void add(Change change);
    void append(Batch other);
    bool empty() const;
    std::size_t size() const;
    const std::vector<Change>& changes() const { return changes_; }

  private:
    std::vector<Change> changes_;
};

} // namespace medibridge::state
