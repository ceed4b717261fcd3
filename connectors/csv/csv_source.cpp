#include "connectors/csv/csv_source.hpp"

#include "connectors/csv/drop_folder.hpp"
#include "connectors/inbox/inbox_source.hpp"

namespace medibridge::connectors {

namespace {

/// An InboxSource that owns the folder from which its inbox is filled.
class CsvSource final : public Source {
  public:
    CsvSource(std::string name, Inbox& inbox, std::shared_ptr<DropFolder> folder)
        : folder_(std::move(folder)),
          source_(std::move(name), inbox, [kept = folder_] { return kept->import_all(); }) {}
    ~CsvSource() override { folder_->cancel(); }

    const std::string& name() const override { return source_.name(); }
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override {
        return source_.read(since);
    }
    std::int64_t requests() const override { return source_.requests(); }
    void cancel() override {
        folder_->cancel();
        source_.cancel();
    }
    bool keeps_cursor() const override { return source_.keeps_cursor(); }
    runtime::Task<void> taken(std::int64_t cursor) override { return source_.taken(cursor); }

  private:
    std::shared_ptr<DropFolder> folder_;
    InboxSource source_;
};

} // namespace

std::unique_ptr<Source> make_csv_source(std::string name, const config::CsvSource& settings,
                                        Inbox& inbox, boost::asio::any_io_executor executor,
                                        runtime::Clock& clock, log::EventLog& log, bool dry_run,
                                        std::function<void()> on_arrival) {
    auto directory = std::make_unique<DropDirectory>(settings.directory, settings.pattern);
    auto folder = std::make_shared<DropFolder>(
        name, settings, std::move(directory),
        DropFolder::Surroundings{inbox, std::move(executor), clock, log}, dry_run);
    if (on_arrival) folder->watch(std::move(on_arrival));
    return std::make_unique<CsvSource>(std::move(name), inbox, std::move(folder));
}

} // namespace medibridge::connectors
