#pragma once

#include "connectors/source/source.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace medibridge::tests {

/// A HIS in memory.
class ModelSource final : public connectors::Source {
  public:
    explicit ModelSource(std::string name) : name_(std::move(name)) {}

    std::vector<reconcile::SourceRecord> records;
    std::size_t page_size = 500;
    bool is_inbox = false;     ///< keeps a cursor: a record is what arrived, not how the HIS is now
    std::string contradiction; ///< what each reading says of its own numbers
    bool lists_by_id = false;  ///< a record that changes keeps its place in the list
    reconcile::Instant now{std::chrono::milliseconds(1'800'000'000'000)};
    std::optional<connectors::SourceError> broken; ///< every page fails
    std::function<void(int page)> after_page;      ///< moves the list while it is read
    int pages = 0;
    int whole_readings = 0;

    /// The record with that externalId.
    reconcile::SourceRecord& at(const std::string& external_id);
    /// Sets a field and the modification time.
    void edit(const std::string& external_id, reconcile::Field field, const std::string& text);

    /// A minute later the patient of `from` goes on as `to`, whose record is theirs: by a change of
    /// the identifier, or by a merge.
    void renumber(const std::string& from, const std::string& to, bool renamed);

    const std::string& name() const override { return name_; }
    std::unique_ptr<connectors::SourceReading>
    read(std::optional<reconcile::Instant> since) override;
    std::int64_t requests() const override { return pages; }
    bool keeps_cursor() const override { return is_inbox; }
    runtime::Task<void> taken(std::int64_t) override { co_return; }
    void cancel() override {}

  private:
    class Reading;
    std::string name_;
};

/// A well-formed record: Martin, Anne-<n>, born 1980.
reconcile::SourceRecord record(const std::string& external_id);

} // namespace medibridge::tests
