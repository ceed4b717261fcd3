#pragma once

#include "state/batch.hpp"
#include "state/sqlite/audit.hpp"
#include "state/sqlite/inbox.hpp"
#include "state/sqlite/row_counts.hpp"
#include "state/sqlite/statement.hpp"

namespace medibridge::state {

/// Everything that is written, one function a kind of change. Runs inside the caller's
/// transaction; throws SQLite's own exceptions.
class Changes {
  public:
    /// Lines of the audit go to `audit`, and what rows come and go to `counts`: both must outlive
    /// this.
    Changes(SQLite::Database& database, Audit& audit, RowCounts& counts);

    void apply(const Batch::PutLink& change);
    void apply(const Batch::DropLink& change);
    void apply(const Batch::PutUnlinked& change);
    void apply(const Batch::DropUnlinked& change);
    void apply(const Batch::PutIntent& change);
    void apply(const Batch::DropIntent& change);
    void apply(const Batch::Hold& change);
    void apply(const Batch::Release& change);
    void apply(const Batch::SetAside& change);
    void apply(const Batch::PutTombstone& change);
    void apply(const Batch::DropTombstone& change);
    void apply(const Batch::PutRedirect& change);
    void apply(const Batch::PutPrior& change);
    void apply(const Batch::PutRefusal& change);
    void apply(const Batch::DropRefusal& change);
    void apply(const Batch::PutDecision& change);
    void apply(const Batch::DropDecision& change);
    void apply(const Batch::PutTaken& change);
    void apply(const Batch::MoveTaken& change);
    void apply(const Batch::TellApart& change);
    void apply(const Batch::WithdrawApart& change);
    void apply(const Batch::PutWatermark& change);
    void apply(const Batch::PutMeta& change);
    void apply(const Batch::Audit& change) { audit_.append(change.entry); }
    void apply(const Batch::PutInbox& change) { inbox_.apply(change); }
    void apply(const Batch::PutReceipt& change) { inbox_.apply(change); }
    void apply(const Batch::TakeInbox& change) { inbox_.apply(change); }
    void apply(const Batch::Forget& change);

  private:
    Prepared update_link_;
    Prepared new_link_;
    Prepared move_link_;
    Prepared drop_link_;
    Prepared new_unlinked_;
    Prepared update_unlinked_;
    Prepared drop_unlinked_;
    Prepared forget_unlinked_;
    Prepared put_unlinked_key_;
    Prepared drop_unlinked_keys_;
    Prepared new_intent_;
    Prepared replace_intent_;
    Prepared drop_intent_;
    Prepared new_hold_;
    Prepared replace_hold_;
    Prepared release_;
    Prepared put_ignored_;
    Prepared drop_ignored_;
    Prepared put_divergence_;
    Prepared drop_divergence_;
    Prepared new_tombstone_;
    Prepared replace_tombstone_;
    Prepared drop_tombstone_;
    Prepared put_redirect_;
    Prepared drop_redirect_;
    Prepared put_prior_;
    Prepared put_refusal_;
    Prepared drop_refusal_;
    Prepared put_decision_;
    Prepared drop_decision_;
    Prepared put_taken_;
    Prepared move_taken_;
    Prepared drop_taken_;
    Prepared tell_apart_;
    Prepared drop_told_apart_;
    Prepared put_watermark_;
    Prepared put_meta_;
    Prepared drop_meta_;
    std::vector<Prepared> set_aside_;
    bool adds_links_ = true; ///< the last link that was put was a new one
    SQLite::Database& db_;
    Audit& audit_;
    RowCounts& counts_;
    InboxWrites inbox_;
};

} // namespace medibridge::state
