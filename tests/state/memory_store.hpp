#pragma once

#include "state/store.hpp"

#include <map>
#include <utility>

namespace medibridge::state::test {

/// What a Store promises, in the simplest form that can be checked by reading it.
class MemoryStore final : public Store {
  public:
    std::vector<Known> look_up(const std::vector<std::string>& external_ids) override;
    std::vector<std::optional<Link>>
    links_to(const std::vector<std::string>& medicapp_ids) override;
    std::vector<Link> links_modified_last(std::size_t limit) override;
    bool has_links_from(const std::string& source) override;
    std::vector<Unlinked> matching(const std::vector<Digest>& keys) override;
    std::vector<std::string> related(const std::string& external_id) override;
    std::vector<Intent> intents() override;
    std::vector<Held> held() override;
    std::vector<std::optional<Unlinked>>
    unlinked(const std::vector<std::string>& medicapp_ids) override;
    std::vector<Held> held_about(const std::vector<std::string>& medicapp_ids) override;
    std::vector<Tombstone> tombstones_of(const std::vector<std::string>& medicapp_ids) override;
    Watermark watermark(const std::string& side) override;
    std::string meta(const std::string& key) override;
    Counts counts() override;
    Waiting waiting() override;
    std::vector<OperatorDecision> decisions() override;
    void each_link(const std::function<void(const Link&)>& visit) override;
    void each_linked_id(const std::function<void(const std::string&)>& visit) override;
    std::vector<AuditEntry> audit(const AuditQuery& query) override;
    AuditVerification verify_audit() override;
    bool rows_are_sound() override { return true; }
    AlteredRows find_altered(std::size_t) override { return {}; }
    void rotate_key(const KeyBytes&, const KeyBytes&, const AuditEntry&,
                    const std::string&) override {}
    bool reseal(std::size_t) override { return false; }
    void tidy_up() override {}
    std::int64_t prune_audit(std::int64_t before_ms) override;
    void backup_to(const std::filesystem::path& path) override;
    std::vector<std::optional<InboxEntry>>
    inbox_entries(const std::string& source, const std::vector<std::string>& keys) override;
    std::int64_t inbox_newest(const std::string& source) override;
    std::vector<InboxEntry> inbox_after(const std::string& source, bool only_new,
                                        std::int64_t after, std::size_t limit) override;
    std::vector<InboxEntry> inbox_nameless(const std::string& source, std::size_t limit) override;
    InboxLoad inbox_load(const std::string& source) override;
    std::map<std::string, InboxLoad> waiting_inboxes() override;
    std::optional<InboxReceipt> inbox_receipt(const std::string& source,
                                              const Digest& content) override;
    void commit(const Batch& batch) override;

  private:
    struct Tables {
        std::map<std::string, Link> links;
        std::map<std::string, Unlinked> unlinked;
        std::map<std::string, Intent> intents;
        std::map<std::string, Held> held;
        std::map<std::string, Tombstone> tombstones;
        std::map<std::string, Batch::PutRedirect> redirects;
        std::set<std::pair<std::string, std::string>> priors; ///< externalId, prior one
        std::map<std::string, Refusal> refusals;
        std::map<std::string, OperatorDecision> decisions;
        std::map<std::string, std::map<std::string, Digest>> taken;
        std::map<std::string, std::set<Digest>> told_apart;
        std::map<std::string, Watermark> watermarks;
        std::map<std::string, std::string> meta;
        std::vector<AuditEntry> audit;
        std::int64_t last_line = 0;
        std::map<std::pair<std::string, std::string>, InboxEntry> inbox;
        std::map<std::pair<std::string, Digest>, InboxReceipt> receipts;

        void apply(const Batch::PutLink& change);
        void apply(const Batch::DropLink& change) {
            links.erase(change.external_id);
            taken.erase(change.external_id);
        }
        void apply(const Batch::PutUnlinked& change);
        void apply(const Batch::DropUnlinked& change) { unlinked.erase(change.medicapp_id); }
        void apply(const Batch::PutIntent& change);
        void apply(const Batch::DropIntent& change) { intents.erase(change.external_id); }
        void apply(const Batch::Hold& change) { held[change.held.key] = change.held; }
        void apply(const Batch::Release& change) { held.erase(change.key); }
        void apply(const Batch::SetAside&) {}
        void apply(const Batch::PutTombstone& change);
        void apply(const Batch::DropTombstone& change) { tombstones.erase(change.external_id); }
        void apply(const Batch::PutRedirect& change);
        void apply(const Batch::PutPrior& change) {
            priors.emplace(change.external_id, change.prior);
        }
        void apply(const Batch::PutRefusal& change) {
            refusals[change.refusal.external_id] = change.refusal;
        }
        void apply(const Batch::DropRefusal& change) { refusals.erase(change.external_id); }
        void apply(const Batch::PutDecision& change) {
            decisions[change.decision.external_id] = change.decision;
        }
        void apply(const Batch::DropDecision& change) { decisions.erase(change.key); }
        void apply(const Batch::PutTaken& change) {
            const auto& one = change.taken;
            taken[one.external_id][one.source] = one.digest;
        }
        void apply(const Batch::MoveTaken& change);
        void apply(const Batch::TellApart& change) {
            told_apart[change.told.external_id].insert(change.told.digest);
        }
        void apply(const Batch::WithdrawApart& change) { told_apart.erase(change.external_id); }
        void apply(const Batch::PutWatermark& change);
        void apply(const Batch::PutMeta& change);
        void apply(const Batch::PutInbox& change);
        void apply(const Batch::PutReceipt& change);
        void apply(const Batch::TakeInbox& change);
        void apply(const Batch::Forget& change) {
            const auto& id = change.external_id;
            std::erase_if(inbox, [&](const auto& entry) {
                return entry.first.second == id && (entry.second.taken || !change.only_taken);
            });
            std::erase_if(unlinked, [&](const auto& one) { return one.second.external_id == id; });
            taken.erase(id);
            told_apart.erase(id);
        }
        void apply(const Batch::Audit& change);
    };

    Known known(const std::string& external_id) const;

    Tables tables_;
};

} // namespace medibridge::state::test
