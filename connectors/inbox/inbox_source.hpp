#pragma once

#include "connectors/inbox/inbox.hpp"
#include "connectors/source/source.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

/// A source that reads what arrived in its inbox.
class InboxSource final : public Source {
  public:
    /// Fetches into the inbox what waits outside, before each reading; an error ends the reading.
    using Refill = std::function<runtime::Task<SourceResult<void>>()>;

    /// `inbox` must outlive it and its readings; `refill` may be empty.
    InboxSource(std::string name, Inbox& inbox, Refill refill = {});

    const std::string& name() const override { return name_; }
    /// With any `since`: what was not taken. Without: the newest of every patient who ever arrived.
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override;
    /// Nothing is asked of anybody.
    std::int64_t requests() const override { return 0; }
    void cancel() override { cancelled_ = true; }
    bool keeps_cursor() const override { return true; }
    /// Throws std::runtime_error if the inbox cannot be written.
    runtime::Task<void> taken(std::int64_t cursor) override;

  private:
    class Reading;

    std::string name_;
    Inbox& inbox_;
    Refill refill_;
    bool cancelled_ = false;
};

} // namespace medibridge::connectors
