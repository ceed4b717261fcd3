#include "connectors/his/fhir_source.hpp"

#include "connectors/his/fhir_history.hpp"
#include "connectors/his/fhir_links.hpp"
#include "connectors/his/fhir_server.hpp"
#include "connectors/his/pass_proof.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;
using runtime::Task;

/// From so many patients on, a page on which nobody has the identifier is taken for a wrong
/// `identifier_system` rather than for so many patients without one.
constexpr std::size_t telling_page = 20;

/// What the pages of one list add up to, up to the page that was read last.
struct Count {
    std::int64_t pages = 0;
    std::size_t entries = 0;
    std::size_t of_first_page = 0;
    std::optional<std::int64_t> total; ///< as the first page says
    bool steady = true;                ///< all pages say the same total, and none that it moved
    int empty_in_a_row = 0;
};

} // namespace

/// One pass: the patients, then who was deleted.
class FhirReading final : public SourceReading {
  public:
    FhirReading(std::shared_ptr<FhirServer> server, std::optional<reconcile::Instant> since)
        : server_(std::move(server)),
          since_(since) {}

    Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return proven_; }
    std::uint64_t fingerprint() const override { return fingerprint_; }

  private:
    Task<std::optional<SourceError>> prepare();
    void begin();
    Task<SourceResult<FhirServer::Page>> read_page();
    void count(const FhirBundle& bundle);
    bool ends(const FhirBundle& bundle) const;
    std::optional<SourceError> check(const FhirBundle& bundle) const;
    std::optional<reconcile::Instant> history_since() const;
    Task<SourceResult<SourcePage>> read_deletions();
    void conclude();

    std::shared_ptr<FhirServer> server_;
    std::optional<reconcile::Instant> since_;
    std::optional<FhirLinks> links_;
    std::optional<LinkTrail> trail_; ///< nothing: the pass has not begun
    Count count_;
    PassProof proof_; ///< until the end
    std::uint64_t fingerprint_ = 0;
    MappingReport reported_;
    std::vector<std::uint64_t> shown_; ///< externalIds
    std::optional<reconcile::Instant> started_at_;
    int restarts_ = 0;
    bool searched_ = false; ///< the last page of patients was given
    bool proven_ = false;
};

Task<std::optional<SourceError>> FhirReading::prepare() {
    auto failure = co_await server_->learn_capability();
    if (failure) co_return failure;
    if (!server_->capability().last_updated) since_.reset();
    links_.emplace(*server_);
    begin();
    co_return std::nullopt;
}

/// Also begins anew.
void FhirReading::begin() {
    const auto& capability = server_->capability();
    trail_.emplace(server_->trail(server_->targets().search(since_, capability.sort)));
    count_ = Count();
    proof_ = PassProof();
    shown_.clear();
}

/// The next page; from the beginning, where the server has forgotten what the links lead to.
Task<SourceResult<FhirServer::Page>> FhirReading::read_page() {
    for (;;) {
        auto page = co_await server_->page(trail_->target(), FhirBundleKind::search,
                                           count_.pages + 1, count_.pages > 0);
        if (!page || !page->gone) co_return page;
        if (++restarts_ > server_->limits().restarts)
            co_return SourceError(Kind::unavailable,
                                  "the pages behind the first were gone each time before they were "
                                  "read: set a larger `page_size`");
        begin();
    }
}

Task<SourceResult<SourcePage>> FhirReading::next() {
    if (searched_) co_return co_await read_deletions();
    if (!trail_) {
        auto failure = co_await prepare();
        if (failure) co_return std::move(*failure);
    }
    auto read = co_await read_page();
    if (!read) co_return std::move(read).error();
    auto& bundle = read->bundle;
    auto wrong = check(bundle);
    if (wrong) co_return std::move(*wrong);
    if (!started_at_) started_at_ = read->server_time;
    count(bundle);
    searched_ = ends(bundle);
    if (!searched_) {
        auto failure = server_->follow(*trail_, bundle.next, count_.pages);
        if (failure) co_return std::move(*failure);
    }
    SourcePage page;
    page.server_time = read->server_time;
    for (const auto& patient : bundle.patients)
        page.precision = std::max(page.precision, patient.precision);
    auto faults = std::move(bundle.faults);
    auto patients = std::move(bundle.patients);
    auto records = co_await links_->resolve(std::move(patients), faults);
    if (!records) co_return std::move(records).error();
    page.records = std::move(*records);
    reported_.write(faults, server_->name(), server_->log());
    if (searched_) conclude();
    page.last = searched_ && !history_since();
    co_return page;
}

std::optional<SourceError> FhirReading::check(const FhirBundle& bundle) const {
    const bool nobody = std::ranges::all_of(bundle.patients, [](const FhirPatient& patient) {
        return patient.record.patient.external_id().empty();
    });
    if (!nobody || bundle.patients.size() < telling_page) return std::nullopt;
    return SourceError(Kind::unreadable, "page " + std::to_string(count_.pages + 1) +
                                             ": none of its " +
                                             std::to_string(bundle.patients.size()) +
                                             " patients has an identifier of the system: check "
                                             "`identifier_system`");
}

void FhirReading::count(const FhirBundle& bundle) {
    ++count_.pages;
    count_.entries += bundle.entries;
    count_.empty_in_a_row = bundle.entries == 0 ? count_.empty_in_a_row + 1 : 0;
    if (count_.pages == 1) {
        count_.of_first_page = bundle.entries;
        count_.total = bundle.total;
    }
    count_.steady = count_.steady && count_.total == bundle.total && !bundle.outcome.shifted;
    for (const auto& patient : bundle.patients) {
        const auto& external_id = patient.record.patient.external_id();
        proof_.add(patient.id.empty() ? external_id : patient.id);
        if (!external_id.empty()) shown_.push_back(text_hash(external_id));
    }
}

/// Some servers go on giving links behind the end; others leave out of a page what may not be
/// seen.
bool FhirReading::ends(const FhirBundle& bundle) const {
    if (bundle.next.empty()) return true;
    if (bundle.entries > 0) return false;
    const bool more = count_.total && static_cast<std::int64_t>(count_.entries) < *count_.total;
    return !more || count_.empty_in_a_row >= server_->limits().empty_pages;
}

/// A list that was seen to be still, or that has the same patients as in the pass before, has been
/// shown whole.
void FhirReading::conclude() {
    fingerprint_ = proof_.fingerprint();
    const bool one_page = count_.entries == count_.of_first_page;
    const bool all_there =
        count_.total && *count_.total == static_cast<std::int64_t>(count_.entries);
    const bool of_one_moment = count_.steady && one_page && (!count_.total || all_there);
    const bool confirmed = server_->last_pass.confirms(since_, std::move(proof_));
    proven_ = of_one_moment || confirmed;
}

/// From when on it is not known who was deleted. Nothing: the server does not tell.
std::optional<reconcile::Instant> FhirReading::history_since() const {
    if (!server_->capability().history_of_type) return std::nullopt;
    if (since_) return since_;
    if (!started_at_) return server_->history_read_at;
    // What an earlier reading showed need not have been taken.
    const reconcile::Instant from = *started_at_ - server_->limits().look_back;
    return std::min(from, server_->history_read_at.value_or(from));
}

Task<SourceResult<SourcePage>> FhirReading::read_deletions() {
    FhirHistory history(*server_, *history_since(), std::move(shown_));
    auto records = co_await history.deleted();
    if (!records) co_return std::move(records).error();
    if (started_at_) server_->history_read_at = started_at_;
    SourcePage page;
    page.records = std::move(*records);
    page.last = true;
    co_return page;
}

FhirSource::FhirSource(std::string name, config::FhirSource settings, Connect connect,
                       std::function<void()> cancel_transports, runtime::Clock& clock,
                       WallClock wall_clock, log::EventLog& log, std::uint64_t seed,
                       FhirLimits limits)
    : server_(std::make_shared<FhirServer>(std::move(name), std::move(settings), std::move(connect),
                                           clock, std::move(wall_clock), log, seed, limits)),
      cancel_transports_(std::move(cancel_transports)) {}

FhirSource::~FhirSource() = default;

const std::string& FhirSource::name() const {
    return server_->name();
}

std::unique_ptr<SourceReading> FhirSource::read(std::optional<reconcile::Instant> since) {
    return std::make_unique<FhirReading>(server_, since);
}

std::int64_t FhirSource::requests() const {
    return server_->requests();
}

void FhirSource::cancel() {
    server_->cancel();
    if (cancel_transports_) cancel_transports_();
}

} // namespace medibridge::connectors
