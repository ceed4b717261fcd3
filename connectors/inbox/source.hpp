#pragma once

#include "base/runtime/task.hpp"
#include "connectors/inbox/inbox.hpp"
#include "connectors/source/source.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// Brings to an inbox what a HIS pushes: a listener, or a folder for dropped files.
class InboxFeed {
  public:
    virtual ~InboxFeed() = default;
    /// As Source::start().
    virtual void start() = 0;
    /// As Source::stop().
    virtual runtime::Task<void> stop() = 0;
    /// Before each reading, brings what is waiting outside; an error ends the reading.
    virtual runtime::Task<SourceResult<void>> import_all();
    /// Ends the import under way, permanently.
    virtual void cancel() {}
};

/// A source that reads what its feed brought to its inbox.
class InboxSource final : public Source {
  public:
    /// The feed brings to that inbox.
    InboxSource(std::string name, std::unique_ptr<Inbox> inbox, std::shared_ptr<InboxFeed> feed);
    ~InboxSource() override;

    const std::string& name() const override { return name_; }
    /// With any `since`: what was not taken. Without: the newest of every patient who ever arrived.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    /// What the inbox keeps of that externalId; what waits outside is not brought in for it.
    std::unique_ptr<SourceReading> read_one(const std::string& external_id) override;
    bool reads_one() const override { return true; }
    /// Nothing is asked of anybody.
    std::int64_t requests() const override { return 0; }
    void cancel() override;
    void start() override { feed_->start(); }
    runtime::Task<void> stop() override { return feed_->stop(); }
    bool keeps_cursor() const override { return true; }
    /// Throws std::runtime_error if the inbox cannot be written.
    runtime::Task<void> taken(std::int64_t cursor) override;

  private:
    class Reading;
    class OneReading;

    std::string name_;
    std::unique_ptr<Inbox> inbox_;
    std::shared_ptr<InboxFeed> feed_;
    bool cancelled_ = false;
};

} // namespace medibridge::connectors
