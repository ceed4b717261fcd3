#pragma once

#include "state/audit_seal.hpp"
#include "state/sqlite/statement.hpp"
#include "state/store.hpp"

namespace medibridge::state {

/// The audit and its chain. What writes runs inside the caller's transaction. Throws SQLite's own
/// exceptions.
class Audit {
  public:
    Audit(SQLite::Database& database, const AuditSeal& seal);

    /// To be called as a transaction begins: what an earlier one that failed has left is forgotten.
    void begin() { end_.reset(); }
    void append(const AuditEntry& entry);
    /// To be called before the transaction is committed: keeps where the chain ends.
    void finish();

    std::vector<AuditEntry> find(const AuditQuery& query);
    AuditVerification verify();
    std::int64_t prune(std::int64_t before_ms); ///< as Store::prune_audit

  private:
    /// The end of the chain while lines are appended.
    struct End {
        AuditMark mark;
        bool sound = true; ///< it was sealed: a chain that is broken gets no new seal
    };

    End end_of_chain();
    std::optional<AuditMark> mark(const std::string& place);
    void put_mark(const std::string& place, const AuditMark& mark);

    AuditSeal seal_;
    std::optional<End> end_;
    Prepared put_;
    Prepared last_;
    Prepared newest_first_;
    Prepared oldest_first_;
    Prepared all_;
    Prepared oldest_;
    Prepared drop_up_to_;
    Prepared mark_;
    Prepared put_mark_;
};

/// Chains the lines that an earlier version wrote: part of the step to the version that has the
/// chain.
void start_audit_chain(SQLite::Database& database, const AuditSeal& seal);

/// Where the chain ends, as lines that are there.
struct AuditEnds {
    std::int64_t base_id = 0; ///< of the last line that was removed for its age
    std::int64_t last_id = 0;
};

/// Seals the two ends of the chain, which `before` sealed, with `now`. An end that is not sound
/// stays so.
AuditEnds reseal_audit_ends(SQLite::Database& database, const AuditSeal& before,
                            const AuditSeal& now);

} // namespace medibridge::state
