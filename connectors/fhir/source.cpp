#include "connectors/fhir/source.hpp"

#include "connectors/fhir/history.hpp"
#include "connectors/fhir/links.hpp"
#include "connectors/fhir/one_reading.hpp"
#include "connectors/fhir/server.hpp"
#include "connectors/source/list_pages.hpp"
#include "connectors/source/pass_proof.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;
using runtime::Task;

/// If a page has this many patients and none has the identifier, `identifier_system` is taken to be
/// wrong.
constexpr std::size_t telling_page = 20;

/// Retired patients are given so many at a time.
constexpr std::size_t retired_batch = 1000;

/// What the pages of one list add up to, up to the page that was read last.
struct Count {
    PageTally tally; ///< of the matches
    std::size_t entries = 0;
    bool of_pages = true; ///< every total that was said counts its own page
    bool shifted = false; ///< the server says that the list moved
    int empty_in_a_row = 0;
};

} // namespace

/// One pass: the patients, then who was deleted.
class FhirReading final : public SourceReading {
  public:
    /// Whether the pass counts for what the source knows of its list.
    enum class Memory : std::uint8_t { kept, none };

    FhirReading(std::shared_ptr<FhirServer> server, std::optional<reconcile::Instant> since,
                Memory memory = Memory::kept)
        : server_(std::move(server)),
          since_(since),
          memory_(memory) {}

    Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return proven_; }
    std::uint64_t fingerprint() const override { return fingerprint_; }
    std::string contradiction() const override { return contradiction_; }

  private:
    Task<std::optional<SourceError>> prepare();
    void begin();
    Task<SourceResult<FhirServer::Page>> read_page();
    void count(const FhirBundle& bundle);
    std::optional<SourceError> move_on(const FhirBundle& bundle);
    bool is_over(const FhirBundle& bundle) const;
    std::optional<SourceError> check(const FhirBundle& bundle) const;
    std::optional<reconcile::Instant> history_since() const;
    Task<std::optional<SourceError>> conclude();
    Task<std::optional<SourceError>> recount(std::size_t different);
    SourcePage next_batch();
    Task<SourceResult<SourcePage>> read_deletions();

    std::shared_ptr<FhirServer> server_;
    std::optional<reconcile::Instant> since_;
    Memory memory_;
    std::optional<FhirLinks> links_;
    std::optional<LinkTrail> trail_; ///< nothing: the pass has not begun
    Count count_;
    PassProof proof_; ///< until the end
    std::uint64_t fingerprint_ = 0;
    std::string contradiction_;
    MappingReport reported_;
    std::vector<reconcile::SourceRecord> settled_; ///< of the retired
    std::size_t given_ = 0;                        ///< of them
    std::optional<reconcile::Instant> started_at_;
    int restarts_ = 0;
    bool searched_ = false; ///< the last page of patients was given
    bool proven_ = false;
};

Task<std::optional<SourceError>> FhirReading::prepare() {
    auto failure = co_await server_->learn_capability();
    if (failure) co_return failure;
    if (!server_->capability().last_updated) since_.reset();
    if (memory_ == Memory::kept) proof_ = server_->last_pass.begin(since_);
    begin();
    co_return std::nullopt;
}

/// Also begins anew.
void FhirReading::begin() {
    const auto& capability = server_->capability();
    trail_.emplace(server_->trail(server_->targets().search(since_, capability.sort)));
    links_.emplace(*server_, !since_);
    count_ = Count();
    proof_.begin_anew();
}

/// The next page. Begins again if the server has forgotten the pages that its links lead to.
Task<SourceResult<FhirServer::Page>> FhirReading::read_page() {
    for (;;) {
        const auto pages = static_cast<std::int64_t>(count_.tally.pages());
        auto page =
            co_await server_->page(trail_->target(), FhirBundleKind::search, pages + 1, pages > 0);
        if (!page || !page->gone) co_return page;
        if (count_.empty_in_a_row > 0) co_return page; // it leads behind the end
        if (++restarts_ > server_->limits().restarts)
            co_return std::unexpected(SourceError(
                Kind::unavailable, "the pages after the first expired each time before they were "
                                   "read: set a larger `page_size`"));
        begin();
    }
}

Task<SourceResult<SourcePage>> FhirReading::next() {
    if (given_ < settled_.size()) co_return next_batch();
    if (searched_) co_return co_await read_deletions();
    if (!trail_) {
        auto failure = co_await prepare();
        if (failure) co_return std::unexpected(std::move(*failure));
    }
    auto read = co_await read_page();
    if (!read) co_return std::unexpected(std::move(read).error());
    auto& bundle = read->bundle;
    auto wrong = check(bundle);
    if (!wrong && !started_at_) started_at_ = read->server_time;
    if (!wrong) count(bundle);
    if (!wrong) wrong = move_on(bundle);
    if (wrong) co_return std::unexpected(std::move(*wrong));
    SourcePage page;
    page.server_time = read->server_time;
    for (const auto& patient : bundle.patients)
        page.precision = std::max(page.precision, patient.precision);
    reported_.write(bundle.faults, server_->name(), server_->log());
    page.records = links_->take(std::move(bundle.patients));
    if (searched_) {
        auto failure = co_await conclude();
        if (failure) co_return std::unexpected(std::move(*failure));
    }
    page.last = searched_ && settled_.empty() && !history_since();
    co_return page;
}

SourcePage FhirReading::next_batch() {
    SourcePage page;
    const auto end = std::min(given_ + retired_batch, settled_.size());
    for (; given_ < end; ++given_)
        page.records.push_back(std::move(settled_[given_]));
    page.last = given_ == settled_.size() && !history_since();
    return page;
}

std::optional<SourceError> FhirReading::check(const FhirBundle& bundle) const {
    const bool nobody = std::ranges::all_of(bundle.patients, [](const FhirPatient& patient) {
        return patient.record.patient.external_id().empty() && patient.others.empty();
    });
    if (!nobody || bundle.patients.size() < telling_page) return std::nullopt;
    return SourceError(Kind::unreadable, "page " + std::to_string(count_.tally.pages() + 1) +
                                             ": none of its " +
                                             std::to_string(bundle.patients.size()) +
                                             " patients has an identifier of the system: check "
                                             "`identifier_system`");
}

void FhirReading::count(const FhirBundle& bundle) {
    count_.tally.add(bundle.matches, bundle.total);
    count_.entries += bundle.entries;
    count_.empty_in_a_row = bundle.entries == 0 ? count_.empty_in_a_row + 1 : 0;
    const auto matches = static_cast<std::int64_t>(bundle.matches);
    count_.of_pages = count_.of_pages && bundle.total.value_or(matches) == matches;
    count_.shifted = count_.shifted || bundle.outcome.shifted;
    for (const auto& patient : bundle.patients) {
        const auto& external_id = patient.record.patient.external_id();
        proof_.add(patient.id.empty() ? external_id : patient.id);
    }
}

/// Some servers give links beyond the end; others leave out what we may not see, so that pages are
/// empty.
bool FhirReading::is_over(const FhirBundle& bundle) const {
    if (bundle.next.empty()) return true;
    if (bundle.entries > 0) return false;
    const auto read = static_cast<std::int64_t>(count_.tally.records());
    return count_.tally.total().value_or(read + 1) <= read ||
           count_.empty_in_a_row >= server_->limits().empty_pages;
}

/// Follows the link to the next page, if there is one.
std::optional<SourceError> FhirReading::move_on(const FhirBundle& bundle) {
    searched_ = is_over(bundle);
    if (searched_) return std::nullopt;
    const auto pages = static_cast<std::int64_t>(count_.tally.pages());
    auto failure = server_->follow(*trail_, bundle.next, pages);
    searched_ = failure && bundle.entries == 0; // a link behind the end
    if (searched_) failure.reset();
    return failure;
}

/// A list was shown completely if it did not change, or if it has the same patients as in the pass
/// before, unless the server's own numbers contradict it.
Task<std::optional<SourceError>> FhirReading::conclude() {
    const auto& tally = count_.tally;
    const auto matches = static_cast<std::int64_t>(tally.records());
    fingerprint_ = proof_.fingerprint();
    // A total that counts its page says nothing of the list.
    const auto different = tally.records() - proof_.repeated();
    if (tally.pages() == 1 || !count_.of_pages)
        contradiction_ = tally.contradiction(different, "total", PageTally::Twice::never);
    if (!contradiction_.empty()) {
        auto failure = co_await recount(different);
        if (failure) co_return failure;
    }
    const bool all_there = tally.total().value_or(matches) == matches;
    const bool of_one_moment = !count_.shifted && tally.steady() && tally.one_page() && all_there;
    const bool confirmed =
        memory_ == Memory::kept && server_->last_pass.confirms(since_, std::move(proof_));
    proven_ = (of_one_moment || confirmed) && contradiction_.empty();
    PageFaults faults;
    auto settled = co_await links_->settle(faults);
    if (!settled) co_return std::move(settled).error();
    settled_ = std::move(*settled);
    reported_.write(faults, server_->name(), server_->log());
    co_return std::nullopt;
}

/// A total may be an estimate (https://hl7.org/fhir/R4/search.html#total): if it contradicts what
/// was shown, the server is asked to count.
Task<std::optional<SourceError>> FhirReading::recount(std::size_t different) {
    const auto counted = co_await server_->count(since_);
    if (!counted) co_return counted.error();
    if (*counted == static_cast<std::int64_t>(different)) contradiction_.clear();
    co_return std::nullopt;
}

/// Since when deletions are not known. Nothing: the server does not show them.
std::optional<reconcile::Instant> FhirReading::history_since() const {
    if (!server_->capability().history_of_type) return std::nullopt;
    if (since_) return since_;
    if (!started_at_) return server_->history_read_at;
    // What an earlier reading showed need not have been taken.
    const reconcile::Instant from = *started_at_ - server_->limits().look_back;
    return std::min(from, server_->history_read_at.value_or(from));
}

Task<SourceResult<SourcePage>> FhirReading::read_deletions() {
    FhirHistory history(*server_, *history_since(), *links_);
    auto records = co_await history.deleted();
    if (!records) co_return std::unexpected(std::move(records).error());
    if (started_at_ && memory_ == Memory::kept) server_->history_read_at = started_at_;
    SourcePage page;
    page.records = std::move(*records);
    page.last = true;
    co_return page;
}

FhirSource::FhirSource(SourceEnvironment its, FhirSettings settings,
                       std::unique_ptr<Transports> transports, FhirLimits limits)
    : server_(std::make_shared<FhirServer>(std::move(its), std::move(settings),
                                           std::move(transports), limits)) {}

FhirSource::~FhirSource() = default;

const std::string& FhirSource::name() const {
    return server_->name();
}

std::unique_ptr<SourceReading> FhirSource::read(std::optional<reconcile::Instant> since) {
    return std::make_unique<FhirReading>(server_, since);
}

std::unique_ptr<SourceReading> FhirSource::read_one(const std::string& external_id) {
    auto list = [server = server_] {
        return std::make_unique<FhirReading>(server, std::nullopt, FhirReading::Memory::none);
    };
    return std::make_unique<FhirOneReading>(server_, external_id, std::move(list));
}

bool FhirSource::reads_one() const {
    return server_->finds_by_identifier;
}

std::int64_t FhirSource::requests() const {
    return server_->requests();
}

void FhirSource::cancel() {
    server_->cancel();
}

} // namespace medibridge::connectors
