#pragma once

#include "state/batch.hpp"
#include "state/key_ring.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace medibridge::state {

/// The state could not be opened, read or written. The text says what is wrong, where, and how to
/// fix it.
class StoreError : public std::runtime_error {
  public:
    enum class Kind {
        locked,      ///< another process owns the state; the text says which
        not_ours,    ///< the file is something else
        too_new,     ///< written by a newer version
        damaged,     ///< the integrity check failed; the file is left as it is
        unavailable, ///< cannot be opened, read-only, disk full, network file system, I/O error
    };

    StoreError(Kind kind, const std::string& what) : std::runtime_error(what), kind_(kind) {}
    Kind kind() const { return kind_; }

  private:
    Kind kind_;
};

/// A batch links a Medicapp patient who is linked to another externalId.
class LinkTaken : public std::logic_error {
  public:
    LinkTaken(std::string new_external_id, std::string linked_medicapp_id)
        : std::logic_error("the Medicapp patient is linked already"),
          external_id(std::move(new_external_id)),
          medicapp_id(std::move(linked_medicapp_id)) {}

    std::string external_id; ///< whom the batch would link
    std::string medicapp_id;
};

struct Counts {
    std::int64_t links = 0;
    std::int64_t unlinked = 0;
    std::int64_t held = 0;
    std::int64_t intents = 0;
    std::int64_t tombstones = 0;

    bool operator==(const Counts&) const = default;
};

/// What is held, counted.
struct Waiting {
    std::int64_t to_decide = 0;                            ///< a person has to: see is_to_decide
    std::int64_t excluded = 0;                             ///< by a rule or by an operator
    std::map<reconcile::HoldReason, std::int64_t> reasons; ///< of all that is held
    /// The earliest Held::held_at_ms by reason, without those whom an operator ignored.
    std::map<reconcile::HoldReason, std::int64_t> oldest_ms;
    std::int64_t oldest_to_decide_ms = 0; ///< the earliest Held::held_at_ms of those; 0: none
};

/// Which lines of the audit; what is not given admits all.
struct AuditQuery {
    std::int64_t since_ms = 0; ///< AuditEntry::at_ms from then on
    std::string external_id = {};
    std::string actor = {};  ///< Actor::name
    std::string action = {}; ///< AuditEntry::action
    /// Given: the lines that follow this one, oldest first, to read page by page (0: from the
    /// first). Not given: newest first.
    std::optional<std::int64_t> after_id = {};
    std::size_t limit = 100;
};

/// What a check of the audit's chain found; docs/state.md says what it can prove.
struct AuditVerification {
    bool intact = true;
    std::int64_t lines = 0;
    std::int64_t first = 0; ///< the id of the oldest line; 0: there is none
    std::int64_t last = 0;  ///< the id of the newest line; 0: there is none
    /// The first line that does not follow from those before it. If the end is missing, the line
    /// that should be last.
    std::optional<std::int64_t> broken_at = {};
};

/// The synchronisation's memory. One owner, one thread at a time; every call may throw StoreError.
class Store {
  public:
    virtual ~Store() = default;

    /// Everything known of each externalId, in the same order.
    virtual std::vector<Known> look_up(const std::vector<std::string>& external_ids) = 0;
    /// The links to each Medicapp id, in the same order.
    virtual std::vector<std::optional<Link>>
    links_to(const std::vector<std::string>& medicapp_ids) = 0;
    /// The links whose Medicapp patient was modified last as far as is known, newest first. Reads
    /// all links: not for every cycle.
    virtual std::vector<Link> links_modified_last(std::size_t limit) = 0;
    /// Whether any HIS baseline came from that source. May read all links: not for every cycle.
    virtual bool has_links_from(const std::string& source) = 0;
    /// Unlinked Medicapp patients without externalId that have any of the keys.
    virtual std::vector<Unlinked> matching(const std::vector<Digest>& keys) = 0;
    /// The externalIds that were ever stated to be of one patient with that one, in any number of
    /// steps, without itself; at most related_limit. A number that was given to somebody else since
    /// relates people who are not the same.
    virtual std::vector<std::string> related(const std::string& external_id) = 0;
    virtual std::vector<Intent> intents() = 0;
    virtual std::vector<Held> held() = 0;
    /// The unlinked patients with these Medicapp ids, in the same order.
    virtual std::vector<std::optional<Unlinked>>
    unlinked(const std::vector<std::string>& medicapp_ids) = 0;
    /// Those who are held because of one of these Medicapp patients.
    virtual std::vector<Held> held_about(const std::vector<std::string>& medicapp_ids) = 0;
    /// The tombstones of these Medicapp patients. Reads all tombstones.
    virtual std::vector<Tombstone> tombstones_of(const std::vector<std::string>& medicapp_ids) = 0;
    virtual Watermark watermark(const std::string& side) = 0; ///< empty one if there is none
    virtual std::string meta(const std::string& key) = 0;     ///< empty if there is none
    virtual Counts counts() = 0;
    virtual Waiting waiting() = 0; ///< reads all that is held, and no links
    /// What operators decided and is not carried out yet, oldest first.
    virtual std::vector<OperatorDecision> decisions() = 0;
    /// Calls `visit` for every link, in no particular order. `visit` may use the store itself.
    virtual void each_link(const std::function<void(const Link&)>& visit) = 0;
    /// Calls `visit` with the Medicapp id of every link, in no particular order, as an index has
    /// it: whether its row is sound is seen by links_to(). `visit` may use the store itself. Takes
    /// a fifth of each_link()'s time.
    virtual void
    each_linked_id(const std::function<void(const std::string& medicapp_id)>& visit) = 0;
    virtual std::vector<AuditEntry> audit(const AuditQuery& query) = 0;
    /// Reads the whole audit: about a second for a million lines.
    virtual AuditVerification verify_audit() = 0;
    /// Whether every row that has a mac was found as medibridge wrote it: by find_altered() since
    /// the state was opened, or by the word of its last owner, since whom nobody has written to the
    /// file. It is found out once a day at least, and after an owner that was killed.
    virtual bool rows_are_sound() = 0;
    /// Checks every row that has a mac, and names at most `limit` of those that are not as
    /// medibridge wrote them; indexes that say something else than the rows count as one more, and
    /// are made anew unless `limit` is 0. Waits for the check of the whole file, and reads all of
    /// it: some seconds for a million links. Throws StoreError (damaged) where that does not help.
    virtual AlteredRows find_altered(std::size_t limit) = 0;
    /// Removes the oldest lines whose at_ms is before `before_ms`, up to the first that is not, and
    /// says how many: at most 1000 a call, so call again until 0. The lines that stay can still be
    /// verified. Does not remove what it finds changed.
    virtual std::int64_t prune_audit(std::int64_t before_ms) = 0;
    /// From the next opening on the state opens with `to`, too, and what is written is sealed with
    /// keys of its own; once it was opened with `to`, `from` opens it no more. Durable, with `line`
    /// in the audit. Throws StoreError if `from` does not open it, or while reseal() has work, or
    /// while another key is to be the next one, unless `abandoned` is its KeyBytes::check().
    virtual void rotate_key(const KeyBytes& from, const KeyBytes& to, const AuditEntry& line,
                            const std::string& abandoned) = 0;
    /// Seals at most about so many rows, of what former keys sealed, with the newest one. False:
    /// there are no more, and the former key is forgotten.
    virtual bool reseal(std::size_t rows) = 0;
    /// For a moment in which nobody waits. Folds the write-ahead log into the database and cuts it
    /// off, where it has grown. After a bulk of new links it rewrites the file, which is a tenth
    /// smaller then: about three seconds for a million. What the disk does not let it do is done
    /// later.
    virtual void tidy_up() = 0;
    /// Writes a copy of the state as it is now to `path` and its facts to PATH.facts, durably, mode
    /// 0600. Refuses a path where there is something, and leaves nothing there if it fails.
    virtual void backup_to(const std::filesystem::path& path) = 0;

    /// The latest record that arrived about each patient, in the same order; nothing: none arrived.
    virtual std::vector<std::optional<InboxEntry>>
    inbox_entries(const std::string& source, const std::vector<std::string>& keys) = 0;
    /// The highest sequence of the source's entries; 0: there are none.
    virtual std::int64_t inbox_newest(const std::string& source) = 0;
    /// Entries with a sequence over `after`, rising; with `only_new`, those not taken. At most
    /// `limit`, and none behind the one with which they exceed InboxLimits::read_at_once: only an
    /// empty result says that there are no more.
    virtual std::vector<InboxEntry> inbox_after(const std::string& source, bool only_new,
                                                std::int64_t after, std::size_t limit) = 0;
    /// Entries without a usable externalId (`record:HEX`), newest first.
    virtual std::vector<InboxEntry> inbox_nameless(const std::string& source,
                                                   std::size_t limit) = 0;
    virtual InboxLoad inbox_load(const std::string& source) = 0;
    /// Every source whose inbox holds what was not taken, configured or not.
    virtual std::map<std::string, InboxLoad> waiting_inboxes() = 0;
    virtual std::optional<InboxReceipt> inbox_receipt(const std::string& source,
                                                      const Digest& content) = 0;

    /// Makes all changes durable, or none: when it returns they survive a power cut. After a
    /// StoreError the store can be used again as soon as the cause is gone.
    ///
    /// Throws LinkTaken, with nothing applied, if a Medicapp patient would be linked to two
    /// externalIds at once (drop the other link first); another std::logic_error for an empty key.
    virtual void commit(const Batch& batch) = 0;
};

} // namespace medibridge::state
