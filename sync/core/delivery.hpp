#pragma once

#include "sync/core/decision.hpp"
#include "sync/core/effects.hpp"
#include "sync/core/settings.hpp"
#include "sync/core/unclear_creates.hpp"
#include "sync/core/write_request.hpp"

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

namespace medibridge::sync {

/// The course of one write, whose intent is durable: says what is to be done next, and is told what
/// came of it. A write that may have been executed is never repeated before Medicapp was read.
///
/// If Medicapp refuses a write because of an optional field, the patient goes without that field:
/// the one that Medicapp names, or the one that a few probes show to be at fault.
class Delivery {
  public:
    /// Send this, and tell the answer by answered(). An empty update counts as taken, unsent.
    struct Send {
        WriteRequest request;
        /// One more try to get the patient taken, of which a cycle has a limited number: if there
        /// is none left, or the cycle is to end, skipped() instead.
        bool probe = false;
    };
    /// Read the Medicapp patient, and tell the answer by answered().
    struct Look {
        std::string medicapp_id;
    };
    /// Apply this, and tell by kept().
    struct Keep {
        Effects effects;
    };
    /// The end: a create without a clear outcome, which is resolved together with others.
    struct Park {
        Item item;
        UnclearCreates::Why why;
    };
    /// The end, and everything that follows.
    struct Done {
        Effects effects;
    };
    using Step = std::variant<Send, Look, Keep, Park, Done>;
    using Answer = connectors::Reply<connectors::MedicappPatient>;

    /// `rules` outlive the delivery. The item's decision is to create, update or adopt.
    Delivery(const Rules& rules, Item item);

    Step start();
    Step answered(Answer answer);
    Step skipped();
    Step kept();

    /// Instead of start(), where nothing may be sent any more.
    Effects not_sent() const;

    /// Empty once the item was parked.
    const std::string& external_id() const { return item_.external_id(); }

  private:
    enum class Phase {
        sending,            ///< the whole write, or without the fields that Medicapp named
        probing,            ///< without one suspect after the other
        looking_at_created, ///< whose is the id that the answer told?
        looking_at_unclear, ///< was the update executed?
        looking_at_missing, ///< is the patient erased?
    };

    bool creates() const { return item_.decision.kind == Decision::Kind::create; }
    Step send(const reconcile::FieldSet& left_out, bool probe);
    Step on_refusal(const connectors::ApiError& error);
    Step begin_probing();
    Step probe_next();
    Step on_outcome(const Answer& answer, const reconcile::FieldSet& left_out);
    Step on_failure(const connectors::ApiError& error);
    Step on_created_look(const Answer& answer);
    Step on_unclear_look(const Answer& answer);
    Step on_missing_look(const Answer& answer);
    Step recreate();
    Step fail_one(const connectors::ApiError& error);

    const Rules* rules_;
    Item item_;
    Phase phase_ = Phase::sending;
    int round_ = 1;
    reconcile::FieldSet trying_without_;        ///< of the request that is under way
    reconcile::FieldSet left_out_;              ///< that Medicapp named
    connectors::ApiError refusal_;              ///< of the last request without `left_out_`
    std::vector<reconcile::FieldSet> suspects_; ///< to be left out besides, in turn
    std::size_t next_suspect_ = 0;
    bool says_nothing_ = false;    ///< the update was answered without a body
    connectors::ApiError unclear_; ///< why nobody knows whether the write was executed
};

} // namespace medibridge::sync
