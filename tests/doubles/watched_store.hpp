#pragma once

#include "state/store.hpp"

#include <functional>

namespace medibridge::tests {

/// A store that does what the inner one does, and tells about each commit; the hooks may throw.
class WatchedStore final : public state::Store {
  public:
    explicit WatchedStore(state::Store& inner) : inner_(&inner) {}

    std::function<void()> before_read;
    std::function<void()> before_commit;
    std::function<void()> after_commit;

    std::vector<state::Known> look_up(const std::vector<std::string>& ids) override {
        return reading().look_up(ids);
    }
    std::vector<std::optional<state::Link>> links_to(const std::vector<std::string>& ids) override {
        return reading().links_to(ids);
    }
    std::vector<state::Link> links_modified_last(std::size_t limit) override {
        return reading().links_modified_last(limit);
    }
    bool has_links_from(const std::string& source) override {
        return reading().has_links_from(source);
    }
    std::vector<std::string> related(const std::string& id) override {
        return reading().related(id);
    }
    std::vector<state::Unlinked> matching(const std::vector<state::Digest>& keys) override {
        return reading().matching(keys);
    }
    std::vector<state::Intent> intents() override { return reading().intents(); }
    std::vector<state::Held> held() override { return reading().held(); }
    std::vector<std::optional<state::Unlinked>>
    unlinked(const std::vector<std::string>& medicapp_ids) override {
        return reading().unlinked(medicapp_ids);
    }
    std::vector<state::Held> held_about(const std::vector<std::string>& medicapp_ids) override {
        return reading().held_about(medicapp_ids);
    }
    std::vector<state::Tombstone>
    tombstones_of(const std::vector<std::string>& medicapp_ids) override {
        return reading().tombstones_of(medicapp_ids);
    }
    state::Watermark watermark(const std::string& side) override {
        return reading().watermark(side);
    }
    std::string meta(const std::string& key) override { return reading().meta(key); }
    state::Counts counts() override { return reading().counts(); }
    state::Waiting waiting() override { return reading().waiting(); }
    std::vector<state::OperatorDecision> decisions() override { return reading().decisions(); }
    void each_link(const std::function<void(const state::Link&)>& visit) override {
        reading().each_link(visit);
    }
    void each_linked_id(const std::function<void(const std::string&)>& visit) override {
        reading().each_linked_id(visit);
    }
    std::vector<state::AuditEntry> audit(const state::AuditQuery& query) override {
        return reading().audit(query);
    }
    state::AuditVerification verify_audit() override { return reading().verify_audit(); }
    bool rows_are_sound() override { return reading().rows_are_sound(); }
    state::AlteredRows find_altered(std::size_t limit) override {
        return reading().find_altered(limit);
    }
    void rotate_key(const state::KeyBytes& from, const state::KeyBytes& to,
                    const state::AuditEntry& line, const std::string& abandoned) override {
        inner_->rotate_key(from, to, line, abandoned);
    }
    bool reseal(std::size_t rows) override { return inner_->reseal(rows); }
    void tidy_up() override { inner_->tidy_up(); }
    std::int64_t prune_audit(std::int64_t before_ms) override {
        return inner_->prune_audit(before_ms);
    }
    void backup_to(const std::filesystem::path& path) override { reading().backup_to(path); }
    std::vector<std::optional<state::InboxEntry>>
    inbox_entries(const std::string& source, const std::vector<std::string>& keys) override {
        return reading().inbox_entries(source, keys);
    }
    std::int64_t inbox_newest(const std::string& source) override {
        return reading().inbox_newest(source);
    }
    std::vector<state::InboxEntry> inbox_after(const std::string& source, bool only_new,
                                               std::int64_t after, std::size_t limit) override {
        return reading().inbox_after(source, only_new, after, limit);
    }
    std::vector<state::InboxEntry> inbox_nameless(const std::string& source,
                                                  std::size_t limit) override {
        return reading().inbox_nameless(source, limit);
    }
    state::InboxLoad inbox_load(const std::string& source) override {
        return reading().inbox_load(source);
    }
    std::map<std::string, state::InboxLoad> waiting_inboxes() override {
        return reading().waiting_inboxes();
    }
    std::optional<state::InboxReceipt> inbox_receipt(const std::string& source,
                                                     const state::Digest& content) override {
        return reading().inbox_receipt(source, content);
    }
    void commit(const state::Batch& batch) override {
        if (before_commit) before_commit();
        inner_->commit(batch);
        if (after_commit) after_commit();
    }

  private:
    state::Store& reading() {
        if (before_read) before_read();
        return *inner_;
    }

    state::Store* inner_;
};

} // namespace medibridge::tests
