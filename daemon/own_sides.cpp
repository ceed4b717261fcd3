#include "daemon/own_sides.hpp"

#include "daemon/bridge.hpp"
#include "daemon/random_seed.hpp"
#include "daemon/time_limit.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace medibridge::daemon {

using connectors::MedicappPatient;
using connectors::Reply;
using connectors::SourcePage;
using connectors::SourceReading;
using connectors::SourceResult;
using runtime::Task;

namespace {

/// A source is asked again where a request was lost, and not for so long as a cycle asks.
constexpr int most_source_attempts = 3;
/// Of a source that can only show everybody.
constexpr std::chrono::minutes whole_list_limit{5};

http::ClientSettings transport_settings(const config::MedicappSettings& settings,
                                        std::chrono::milliseconds limit) {
    auto its = transport_settings_of(settings);
    its.timeout = std::min(settings.timeout, limit);
    return its;
}

connectors::MedicappClientSettings client_settings(const config::MedicappSettings& settings,
                                                   std::shared_ptr<connectors::FormKnown> form,
                                                   std::chrono::milliseconds limit, int attempts) {
    auto its = connectors::client_settings(settings, random_seed());
    its.form_known = std::move(form);
    its.counts_records = true;
    if (attempts > 0) its.most_attempts = attempts;
    // Sooner than the limit, as the client can say what is wrong.
    its.give_up = limit / 4;
    return its;
}

/// A reading whose pages come in time.
class TimedReading final : public SourceReading {
  public:
    TimedReading(connectors::Source& source, runtime::Clock& clock,
                 std::unique_ptr<SourceReading> its, std::chrono::milliseconds limit)
        : source_(&source),
          clock_(&clock),
          its_(std::move(its)),
          limit_(limit),
          until_(clock.now() + limit) {}

    Task<SourceResult<SourcePage>> next() override {
        SourceResult<SourcePage> page;
        auto read = [&]() -> Task<void> { page = co_await its_->next(); };
        auto end = [this] {
            source_->cancel();
            clock_->wake();
        };
        const auto left = std::max(until_ - clock_->now(), runtime::Duration(0));
        const bool in_time =
            co_await within(std::chrono::ceil<std::chrono::milliseconds>(left), end, read());
        if (!in_time && !page) {
            // Who answered, and not as they must, was not silent.
            auto& what = page.error().what;
            if (what.empty() || what.ends_with("cancelled")) what = no_answer_within(limit_);
        }
        co_return page;
    }
    bool proven() const override { return its_->proven(); }
    std::uint64_t fingerprint() const override { return its_->fingerprint(); }
    std::string contradiction() const override { return its_->contradiction(); }
    std::int64_t cursor() const override { return its_->cursor(); }

  private:
    connectors::Source* source_;
    runtime::Clock* clock_;
    std::unique_ptr<SourceReading> its_;
    std::chrono::milliseconds limit_;
    runtime::TimePoint until_;
};

} // namespace

OwnMedicapp::OwnMedicapp(const boost::asio::any_io_executor& executor,
                         const config::MedicappSettings& settings,
                         std::shared_ptr<connectors::FormKnown> form,
                         std::chrono::milliseconds limit, int attempts)
    : limit_(limit),
      clock_(executor),
      transport_(executor, transport_settings(settings, limit)),
      client_(transport_, clock_, log_,
              client_settings(settings, std::move(form), limit, attempts)) {}

template <class T>
Task<Reply<T>> OwnMedicapp::in_time(Task<Reply<T>> call) {
    Reply<T> reply = std::unexpected(connectors::ApiError());
    auto ask = [&]() -> Task<void> { reply = co_await std::move(call); };
    auto end = [this] {
        client_.cancel();
        transport_.cancel();
    };
    const bool answered = co_await within(limit_, end, ask());
    if (!answered && !reply) reply.error().what = no_answer_within(limit_);
    co_return reply;
}

Task<Reply<connectors::MedicappPage>> OwnMedicapp::list(connectors::ListQuery query) {
    return in_time(client_.list(query));
}

Task<Reply<MedicappPatient>> OwnMedicapp::get(std::string id) {
    return in_time(client_.get(std::move(id)));
}

Task<Reply<MedicappPatient>> OwnMedicapp::create(reconcile::Patient) {
    throw std::logic_error("a look writes nothing");
}

Task<Reply<MedicappPatient>> OwnMedicapp::update(connectors::PatientUpdate) {
    throw std::logic_error("a look writes nothing");
}

/// A source that shows one patient in time.
class OwnSides::TimedSource final : public connectors::Source {
  public:
    /// `is_silent`: it does not answer, as far as is known.
    TimedSource(connectors::Source& its, runtime::Clock& clock, bool is_silent)
        : its_(&its),
          clock_(&clock),
          is_silent_(is_silent) {}

    const std::string& name() const override { return its_->name(); }
    std::unique_ptr<SourceReading> read(std::optional<reconcile::Instant> since) override {
        return timed(its_->read(since), limit(whole_list_limit));
    }
    std::unique_ptr<SourceReading> read_one(const std::string& external_id) override {
        const std::chrono::milliseconds usual =
            reads_one() ? std::chrono::milliseconds(side_limit) : whole_list_limit;
        return timed(its_->read_one(external_id), limit(usual));
    }
    bool reads_one() const override { return its_->reads_one(); }
    std::int64_t requests() const override { return its_->requests(); }
    void cancel() override { its_->cancel(); }
    bool keeps_cursor() const override { return its_->keeps_cursor(); }
    bool knows_doubles() const override { return its_->knows_doubles(); }

  private:
    std::chrono::milliseconds limit(std::chrono::milliseconds usual) const {
        return is_silent_ ? silent_side_limit : usual;
    }
    std::unique_ptr<SourceReading> timed(std::unique_ptr<SourceReading> reading,
                                         std::chrono::milliseconds limit) {
        return std::make_unique<TimedReading>(*its_, *clock_, std::move(reading), limit);
    }

    connectors::Source* its_;
    runtime::Clock* clock_;
    bool is_silent_;
};

OwnSides::OwnSides(const boost::asio::any_io_executor& executor, const config::Settings& settings,
                   std::shared_ptr<connectors::FormKnown> form, state::Database& database,
                   const StateKeys& keys, const SilentSides& silent)
    : clock_(executor),
      medicapp_(executor, settings.medicapp, std::move(form),
                silent.contains("medicapp") ? silent_side_limit : side_limit, 0),
      // As in a dry run they change nothing outside.
      sources_(settings.his, {executor,
                              database,
                              keys,
                              clock_,
                              log_,
                              settings.identity,
                              true,
                              {},
                              std::make_shared<figures::Meters>(),
                              most_source_attempts}) {
    for (auto* source : sources_.all())
        timed_.push_back(
            std::make_unique<TimedSource>(*source, clock_, silent.contains(source->name())));
}

OwnSides::~OwnSides() = default;

sync::Sides OwnSides::sides() {
    sync::Sides both{medicapp_, {}};
    for (const auto& source : timed_)
        both.sources.push_back(source.get());
    return both;
}

} // namespace medibridge::daemon
