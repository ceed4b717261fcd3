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

} // namespace medibridge::state
