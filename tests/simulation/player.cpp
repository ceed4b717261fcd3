#include "player.hpp"

#include "end_state.hpp"
#include "oracle.hpp"
#include "process.hpp"

#include "sync/core/recording.hpp"

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <ostream>

namespace medibridge::simulation {

namespace {

class Stage {
  public:
    Stage(const Story& story, std::ostream* log)
        : story_(&story),
          log_(log),
          clock_(io_.get_executor()),
          hospital_(story.seed, story.switches, clock_),
          network_(hospital_.world(), clock_, story.seed),
          mailbox_([this](const http::Request& request) {
              return Network::ask(hospital_.world().his, request);
          }),
          other_mailbox_([this](const http::Request& request) {
              return Network::ask(hospital_.other_world().his, request);
          }),
          settings_(simulated_settings(story.sync, story.inboxes)),
          oracle_(hospital_, network_, settings_.sync.policy) {
        hospital_.on_stored = [this](int who) { mailbox_.put(Hospital::identifier(who)); };
        hospital_.on_told = [this](int who) { other_mailbox_.put(Hospital::identifier(who)); };
        if (story.inboxes > 0) mailboxes_.push_back(&mailbox_);
        if (story.inboxes > 1) mailboxes_.push_back(&other_mailbox_);
        network_.refuses = [this](const sandbox::Request& request) {
            return hospital_.refusal_of(request);
        };
        oracle_.tell(log);
        // Neither side is ever empty, which by itself would stop a cycle.
        hospital_.carry_out(Deed{Deed::Kind::his_admit, standing_patient, 0});
        hospital_.carry_out(Deed{Deed::Kind::medicapp_admit, standing_patient + 1, 0});
    }

    Played play() {
        try {
            for (const auto& act : story_->acts) {
                if (act.deed) {
                    carry_out(*act.deed);
                } else {
                    run(act.cycle);
                }
            }
            let_trouble_end();
        } catch (const std::exception& error) {
            oracle_.break_invariant(std::string("thrown: ") + error.what());
        }
        process_.reset();
        played_.broken = oracle_.broken();
        played_.faults += network_.struck();
        return std::move(played_);
    }

  private:
    static constexpr int standing_patient = 90;

    void carry_out(const Deed& deed) {
        network_.deliver_late(clock_.now());
        if (deed.kind == Deed::Kind::medicapp_erase) {
            const auto id = Hospital::identifier(deed.who);
            oracle_.sees_erasure(id, durably_known(id, true) && hospital_.is_same_person(deed.who));
        }
        if (deed.kind == Deed::Kind::medicapp_renumber) {
            const auto id = Hospital::identifier(deed.who);
            oracle_.sees_renumbering(id, durably_known(id, false));
        }
        if (log_) *log_ << "-- " << in_words(deed) << '\n';
        if (deed.kind == Deed::Kind::operator_looks || deed.kind == Deed::Kind::operator_decides ||
            deed.kind == Deed::Kind::operator_errs) {
            ask_operator(deed);
            const bool twice = deed.kind == Deed::Kind::operator_errs && deed.what % 2 == 0;
            if (twice) ask_operator(deed);
            return;
        }
        if (deed.kind == Deed::Kind::his_take_back && start())
            oracle_.check_forgery(*process_->state());
        if (deed.kind == Deed::Kind::operator_remaps) {
            ++mapping_;
            process_.reset(); // a service reads its configuration anew
        }
        hospital_.carry_out(deed);
        if (deed.kind == Deed::Kind::medicapp_restore_number)
            oracle_.sees_number_restored(Hospital::identifier(deed.who));
        if (deed.kind == Deed::Kind::medicapp_restore && start())
            oracle_.sees_restore(process_->state());
    }

    /// An operator who knows the truth, and may be late: what they saw may be long past.
    void ask_operator(const Deed& deed) {
        if (!process_ || process_->dead()) return;
        const auto id = Hospital::identifier(deed.who);
        const bool late = deed.what % 4 == 0 && tokens_.contains(id);
        const auto token = late ? tokens_[id] : std::string();
        const auto choose = [this, deed, id, token](const sync::Inquiry& seen) {
            std::optional<sync::Order> order;
            tokens_[id] = reconcile::hex(seen.token);
            if (deed.kind == Deed::Kind::operator_looks || !seen.known.held) return order;
            const bool errs = deed.kind == Deed::Kind::operator_errs;
            order = errs ? any_decision(deed, seen) : right_decision(deed, seen);
            order->key = id;
            order->token = token.empty() ? tokens_[id] : token;
            order->actor = {"anne", 1001};
            if (order->kind == sync::DecisionKind::update) oracle_.sees_identity_confirmed(id);
            if (errs) oracle_.sees_error(deed.who, *order, seen.known);
            return order;
        };
        process_->ask_operator(id, our_clock(), choose,
                               [this](const sync::Order& order) { oracle_.sees_taken(order.key); });
    }

    /// Whatever may be decided. A link may name anybody.
    sync::Order any_decision(const Deed& deed, const sync::Inquiry& seen) const {
        const auto allowed = sync::decisions_on(seen.known);
        const auto number = static_cast<std::size_t>(deed.what);
        sync::Order order;
        order.kind = allowed[number % allowed.size()];
        if (order.kind != sync::DecisionKind::link) return order;
        std::vector<std::string> ids;
        for (const auto& candidate : seen.candidates)
            ids.push_back(candidate.patient.id);
        for (const auto& [slot, values] : hospital_.medicapp_patients())
            ids.push_back(hospital_.medicapp_id(slot));
        if (!ids.empty()) order.medicapp_id = ids[number / allowed.size() % ids.size()];
        return order;
    }

    /// Whether the HIS means that person.
    bool is_meant(int who, const reconcile::Patient& person) const {
        const auto truth = hospital_.his().find(who);
        const auto& name = person[reconcile::Field::last_name].text();
        return truth != hospital_.his().end() && hospital_.owner_of(name) == truth->second.person;
    }

    sync::Order right_decision(const Deed& deed, const sync::Inquiry& seen) const {
        using enum sync::DecisionKind;
        sync::Order order;
        order.kind = deed.what % 3 == 0 ? ignore : retry;
        const bool same = hospital_.is_same_person(deed.who);
        const auto reason = seen.known.held->reason;
        const auto* const record = seen.record();
        if (reason == reconcile::HoldReason::divergence && seen.known.link && same && record &&
            is_meant(deed.who, record->patient))
            order.kind = update;
        if (reason == reconcile::HoldReason::possible_duplicate && seen.candidates.size() == 1 &&
            is_meant(deed.who, seen.candidates.front().patient.patient) && deed.what % 5 != 0) {
            order.kind = link;
            order.medicapp_id = seen.candidates.front().patient.id;
        }
        const bool is_nobody = reason == reconcile::HoldReason::possible_duplicate &&
                               std::ranges::none_of(seen.candidates, [&](const auto& candidate) {
                                   return is_meant(deed.who, candidate.patient.patient);
                               });
        if (is_nobody) order.kind = create;
        return order;
    }

    bool durably_known(const std::string& id, bool unlinked_too) {
        auto* const state = process_ ? process_->state() : nullptr;
        if (!state) return false;
        try {
            const auto known = state->look_up(std::vector<std::string>(1, id)).front();
            const bool other_person =
                known.held && known.held->reason == reconcile::HoldReason::identity_mismatch;
            return known.link || (unlinked_too && known.unlinked && !other_person);
        } catch (const state::StoreError&) {
            return false; // the disk fails just now
        }
    }

    bool start() {
        if (process_ && !process_->dead()) return true;
        process_.reset();
        try {
            process_ = std::make_unique<Process>(io_, clock_, network_, mailboxes_, disk_,
                                                 settings_, "/" + std::to_string(mapping_), oracle_,
                                                 story_->seed + ++starts_);
        } catch (const state::StoreError&) {
            return false; // the disk still fails: the service manager starts it again later
        }
        return true;
    }

    /// A cycle of the service: whatever it ends with, the next one comes after the interval.
    std::optional<sync::Report> run(const CycleAct& cycle) {
        ++played_.cycles;
        if (log_) *log_ << "-- cycle " << played_.cycles << '\n';
        const auto steps_before = played_.steps;
        const auto operations_before = disk_.operations();
        const auto changes_before = disk_.changes();
        if (cycle.disk_fails_at > 0) {
            disk_.fail(cycle.disk_fails_at, disk::SimulatedDisk::Fault::io_error, true);
            ++played_.faults;
        }
        if (cycle.state_lost) move_state_away();
        if (cycle.power_goes_at_change > 0) disk_.stop_at_change(cycle.power_goes_at_change);
        std::optional<sync::Report> report;
        std::int64_t requests = 0;
        if (start()) {
            process_->dies_here = [&] {
                return ++played_.steps - steps_before == cycle.dies_at || disk_.stopped();
            };
            report = run_process(cycle);
            process_->dies_here = nullptr; // between cycles nothing ends the process
            requests = network_.requests_of_cycle();
        }
        const Played::CycleLength length{played_.steps - steps_before,
                                         disk_.operations() - operations_before,
                                         disk_.changes() - changes_before};
        played_.cycle_lengths.push_back(length);
        if (disk_.stopped()) die(true);
        if (process_ && process_->dead()) die(cycle.power_cut);
        disk_.heal();
        if (!report) note_failure();
        clock_.pass(cycle.arrivals ? std::chrono::milliseconds(100) : settings_.sync.interval);
        hospital_.publish();
        for (const auto& [when, deed] : cycle.meanwhile) {
            if (when > requests) carry_out(deed);
        }
        return report;
    }

    std::optional<sync::Report> run_process(const CycleAct& cycle) {
        network_.begin(cycle.weather);
        oracle_.sees_cycle();
        network_.meanwhile = [&](std::int64_t number) {
            for (const auto& [when, deed] : cycle.meanwhile) {
                if (when == number) carry_out(deed);
            }
        };
        sync::Request request;
        request.full = cycle.full;
        if (cycle.accept_rewind) request.accept_rewind = consent_to("guard.rewound");
        if (cycle.accept_mapping) request.accept_mapping = consent_to("guard.mapping");
        oracle_.sees_order(request.full, cycle.accept_rewind);
        request.only_arrivals = cycle.arrivals && process_->takes_arrivals();
        request.wall_clock_ms = our_clock();
        auto report = process_->run_cycle(std::move(request)).report;
        network_.meanwhile = nullptr;
        check_pace();
        if (report) {
            shown_ = report->alarms;
            oracle_.sees_report(*report);
        }
        return report;
    }

    /// What the last cycle showed of that guard, as an operator accepts it.
    sync::Consent consent_to(std::string_view guard) const {
        sync::Evidence seen;
        for (const auto& alarm : shown_)
            if (alarm.guard == guard)
                seen.insert(seen.end(), alarm.evidence.begin(), alarm.evidence.end());
        return sync::Consent::to(seen);
    }

    void move_state_away() {
        ++played_.faults;
        oracle_.sees_loss(start() ? process_->state() : nullptr);
        process_.reset();
        for (auto* mailbox : mailboxes_)
            mailbox->come_again();
        for (const auto* name : {"state.db", "state.db-wal", "state.db-journal"})
            disk_.remove(name);
    }

    /// What a failed cycle left is known once the state can be read again.
    void note_failure() {
        if (start()) oracle_.sees_failure(process_->state());
    }

    /// This machine's date, which jumps by hours and days from cycle to cycle, unless the story is
    /// of what holds for a day.
    std::int64_t our_clock() const {
        constexpr std::int64_t beginning = 1'790'000'000'000;
        if (story_->steady_date) return beginning + hospital_.now();
        const auto cycle = static_cast<std::uint64_t>(played_.cycles);
        return static_cast<std::int64_t>(sandbox::mix(story_->seed ^ cycle << 32) >> 24);
    }

    void die(bool power_cut) {
        ++played_.faults;
        if (power_cut) {
            disk_.cut_power(story_->seed + starts_);
        } else {
            disk_.kill_process();
        }
        process_.reset();
    }

    /// Nobody may be asked again and again without a pause.
    void check_pace() {
        constexpr std::int64_t generous = 3000;
        if (network_.requests_of_cycle() > generous)
            oracle_.break_invariant("no busy loop: one cycle sent " +
                                    std::to_string(network_.requests_of_cycle()) + " requests");
    }

    sync::Report clean_cycle(const std::string& which, bool full) {
        CycleAct calm;
        calm.full = full;
        auto report = run(calm);
        const bool explicable = hospital_.may_look_rewound() || mapping_ > 1;
        // What an operator does who knows why: one guard may show behind another.
        for (int answers = 0; answers < 3 && explicable; ++answers) {
            if (!report || report->outcome != sync::Outcome::guarded) break;
            calm.full = true;
            calm.accept_rewind = true;
            calm.accept_mapping = true;
            report = run(calm);
        }
        if (!report) throw std::runtime_error(which + ": the process or its state failed");
        if (report->outcome != sync::Outcome::complete)
            oracle_.break_invariant("convergence: " + which + " is " +
                                    std::string(name(report->outcome)) + ": " + report->reason);
        return *report;
    }

    void let_trouble_end() {
        hospital_.end_trouble();
        clock_.pass(std::chrono::hours(2));
        network_.deliver_late(clock_.now());
        hospital_.publish();
        // Credentials and pauses of the former process do not matter: a fresh one starts.
        if (process_) die(false);
        clean_cycle("the first clean cycle", false);
        // A poll need not show that Medicapp went back.
        if (!hospital_.clock_jumped() && !hospital_.was_restored())
            oracle_.check_settled(*process_->state(), false);
        clean_cycle("the full cycle", true);
        oracle_.check_settled(*process_->state(), true);
        clock_.pass(std::chrono::hours(2));
        oracle_.expect_no_writes();
        clean_cycle("an idle cycle", false);
        clean_cycle("an idle full cycle", true);
        oracle_.check_settled(*process_->state(), true);
        oracle_.check_decisions(*process_->state());
        oracle_.check_privacy(disk_.bytes());
        played_.end_state = end_state(hospital_, *process_->state());
    }

    const Story* story_;
    std::ostream* log_;
    boost::asio::io_context io_{1};
    tests::VirtualClock clock_;
    Hospital hospital_;
    Network network_;
    Mailbox mailbox_;
    Mailbox other_mailbox_;
    std::vector<Mailbox*> mailboxes_; ///< one for each source that is pushed to
    disk::SimulatedDisk disk_;
    config::Settings settings_;
    Oracle oracle_;
    std::unique_ptr<Process> process_;
    Played played_;
    std::uint64_t starts_ = 0;
    int mapping_ = 1;                           ///< how it is written
    std::vector<sync::GuardAlarm> shown_;       ///< the guards that stopped the last cycle
    std::map<std::string, std::string> tokens_; ///< by identifier: what an operator saw last
};

} // namespace

Played play(const Story& story, std::ostream* log) {
    return Stage(story, log).play();
}

} // namespace medibridge::simulation
