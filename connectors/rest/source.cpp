#include "connectors/rest/source.hpp"

#include "base/http/timing_headers.hpp"
#include "base/log/catalogue.hpp"
#include "connectors/rest/overlaps.hpp"
#include "connectors/rest/page_request.hpp"
#include "connectors/rest/paging.hpp"
#include "connectors/rest/read_page.hpp"
#include "connectors/source/pass_proof.hpp"
#include "reconcile/instant.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::connectors {
namespace {

using Kind = SourceError::Kind;

/// If a page has this many records and none has an externalId, the mapping is taken to be wrong.
constexpr std::size_t telling_page = 20;

/// Why the list is not believed; empty: its pages do not overlap.
std::string words_of_overlaps(std::size_t count) {
    if (count == 0) return {};
    constexpr const char* advice =
        " patients were shown on several pages with the same record, so others may never be: have "
        "the HIS order the list by what is unique, such as the identifier, or set `repeats: true` "
        "if it has one record in several places";
    return std::to_string(count) + advice;
}

} // namespace

struct RestSource::Shared {
    Shared(SourceEnvironment its, RestSettings settings_, std::unique_ptr<Transports> transports_,
           RestLimits limits_)
        : name(std::move(its.name)),
          settings(std::move(settings_)),
          pages(settings, limits_),
          requests(settings),
          transports(std::move(transports_)),
          get(transports->to(settings.url), its.clock, its.seed, limits_.retries,
              std::move(its.figures)),
          log(its.log),
          limits(limits_) {}

    std::string name;
    RestSettings settings;
    PageReader pages;
    PageRequests requests;
    std::unique_ptr<Transports> transports;
    RetryingGet get;
    log::EventLog& log;
    RestLimits limits;

    void remember(const PagingMemory& memory);
    void doubt_filter(const std::string& why);
    /// Says once that the list shows records twice, pass by pass.
    void tell_repeated(std::size_t count);

    PassMemory last_pass;                ///< that came to its end
    std::vector<std::uint64_t> repeated; ///< whom it showed more than once
    PagingMemory paging_memory;          ///< of the list's pages
    bool filter_works = false;           ///< somebody was found by `query.external_id`
    bool filter_fails = false;           ///< its last answer could not be believed
    bool told_repeated = false;
};

void RestSource::Shared::remember(const PagingMemory& memory) {
    const bool found = memory.first_page == 0 && paging_memory.first_page != 0;
    paging_memory = memory;
    if (!found || settings.first_page) return;
    log.write(log::Event(log::events::source_warning)
                  .with(log::Key::source, name)
                  .with(log::Key::reason, "its pages begin at 0: set `first_page: 0`"));
}

void RestSource::Shared::tell_repeated(std::size_t count) {
    if (count == 0 || settings.repeats || std::exchange(told_repeated, true)) return;
    log.write(log::Event(log::events::source_warning)
                  .with(log::Key::source, name)
                  .with(log::Key::reason,
                        "each reading shows " + std::to_string(count) +
                            " records under an externalId that it has shown before: unless the HIS "
                            "has these patients twice, its pages overlap, and others are never "
                            "shown: have it order the list by what is unique, such as the "
                            "identifier"));
}

void RestSource::Shared::doubt_filter(const std::string& why) {
    if (std::exchange(filter_fails, true)) return;
    log.write(log::Event(log::events::source_warning)
                  .with(log::Key::source, name)
                  .with(log::Key::reason, "asked for one patient (`query.external_id`) " + why +
                                              ": the whole list is read instead"));
}

/// One pass.
class RestSource::Reading final : public SourceReading {
  public:
    /// Whether the pass counts for what the source knows of its list.
    enum class Memory : std::uint8_t { kept, none };

    Reading(std::shared_ptr<Shared> shared, std::optional<reconcile::Instant> since,
            Memory memory = Memory::kept)
        : shared_(std::move(shared)),
          since_(since),
          memory_(memory),
          paging_(shared_->settings, shared_->requests.target(first_page(), since),
                  shared_->limits.pages, shared_->paging_memory, !since),
          proof_(memory == Memory::kept ? shared_->last_pass.begin(since) : PassProof()),
          overlaps_(shared_->repeated) {}

    runtime::Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return proven_; }
    std::uint64_t fingerprint() const override { return fingerprint_; }
    std::string contradiction() const override { return contradiction_; }
    base::IdSet alike() const override { return proof_.alike(); }

  private:
    std::int64_t first_page() const {
        return shared_->settings.first_page.value_or(shared_->paging_memory.first_page.value_or(1));
    }
    std::string where() const { return "page " + std::to_string(paging_.page()); }
    std::string target() const;
    RetryingGet::Absent absent() const;
    runtime::Task<std::optional<SourceError>> read_page();
    std::optional<SourceError> accept(const http::Response& response);
    SourcePage give();
    void conclude();

    std::shared_ptr<Shared> shared_;
    std::optional<reconcile::Instant> since_;
    Memory memory_;
    Paging paging_;
    ReadPage page_;           ///< the one that is being given
    bool last_ = false;       ///< no page follows it
    std::int64_t number_ = 0; ///< of that page
    PassProof proof_;         ///< until the end
    Overlaps overlaps_;
    std::uint64_t fingerprint_ = 0;
    std::string contradiction_;
    MappingReport reported_;
    bool proven_ = false;
};

/// A page with many records is given in portions.
runtime::Task<SourceResult<SourcePage>> RestSource::Reading::next() {
    if (page_.given()) {
        auto fault = co_await read_page();
        if (fault) co_return std::unexpected(std::move(*fault));
    }
    co_return give();
}

runtime::Task<std::optional<SourceError>> RestSource::Reading::read_page() {
    const auto seen = [this](std::string_view id) { return paging_.is_look() && proof_.holds(id); };
    auto reader = [this, &seen](const http::Response& response) {
        auto fault = shared_->pages.read(response, paging_.page(), seen, page_);
        if (fault.empty() || !paging_.is_look()) return fault;
        page_ = ReadPage();
        page_.facts.absent = true; // what cannot be read is no page of the list
        return std::string();
    };
    RetryingGet::Reader read_one = std::move(reader);
    auto request = shared_->requests.get(target());
    auto answer =
        co_await shared_->get.get(std::move(request), std::move(read_one), where(), absent());
    if (!answer) co_return answer.error();
    if (answer->status / 100 != 2) {
        page_ = ReadPage(); // an attempt before may have filled it
        page_.facts.absent = true;
        page_.facts.failed = answer->status == 0 || answer->status >= 500;
    }
    auto fault = accept(*answer);
    if (!fault) shared_->pages.keep_rest(std::move(answer->body), page_);
    co_return fault;
}

std::string RestSource::Reading::target() const {
    if (!shared_->settings.next.empty()) return paging_.target();
    return shared_->requests.target(paging_.page(), since_);
}

/// Some servers answer 404 for the page after the last one.
RetryingGet::Absent RestSource::Reading::absent() const {
    if (paging_.is_look()) return RetryingGet::Absent::any;
    return paging_.may_be_absent() ? RetryingGet::Absent::not_found : RetryingGet::Absent::fault;
}

std::optional<SourceError> RestSource::Reading::accept(const http::Response& response) {
    const auto records = page_.facts.records;
    const auto nameless = records - page_.identified;
    const bool nobody = page_.identified == 0 && records >= telling_page;
    if (nobody || nameless > shared_->limits.nameless) {
        const auto of = (nobody ? "none" : std::to_string(nameless)) + " of its " +
                        std::to_string(records) + " records ";
        return SourceError(Kind::unreadable, where() + ": " + of + (nobody ? "has an" : "have no") +
                                                 " identifier: check `fields.externalId`");
    }
    number_ = paging_.page();
    const auto next = paging_.after(page_.facts);
    if (next == Paging::Next::fault)
        return SourceError(Kind::unreadable,
                           "page " + std::to_string(number_) + ": " + paging_.fault());
    if (paging_.counted())
        reported_.write(page_.faults, shared_->name, shared_->log);
    else
        page_.drop_records();
    page_.page.server_time = http::parse_http_date(response.header("Date"));
    last_ = next == Paging::Next::last;
    return std::nullopt;
}

SourcePage RestSource::Reading::give() {
    auto page = shared_->pages.next_portion(page_);
    for (const auto& record : page.records) {
        proof_.add(record.patient.external_id());
        overlaps_.note(record, number_);
    }
    page.last = last_ && page_.given();
    if (page.last) conclude();
    return page;
}

/// A list was shown completely if it fits one page, or if the pass before confirms its patients.
void RestSource::Reading::conclude() {
    fingerprint_ = proof_.fingerprint();
    const auto different = proof_.different();
    contradiction_ = paging_.contradiction(different);
    const bool of_one_moment = paging_.complete() && paging_.one_page();
    bool confirmed = false;
    if (memory_ == Memory::kept) {
        shared_->remember(paging_.memory());
        const auto repeated = proof_.repeated();
        shared_->repeated.clear();
        if (repeated > 0) shared_->repeated = proof_.identifiers_repeated();
        confirmed = shared_->last_pass.confirms(since_, std::move(proof_));
        const bool all_shown = paging_.total() == static_cast<std::int64_t>(different);
        if (contradiction_.empty() && confirmed && !all_shown && !shared_->settings.repeats)
            contradiction_ = words_of_overlaps(overlaps_.count());
        if (contradiction_.empty() && confirmed && !paging_.one_page())
            shared_->tell_repeated(repeated);
    }
    proven_ = (of_one_moment || confirmed) && contradiction_.empty();
}

/// One patient, or the whole list where the HIS cannot be believed to show one.
class RestSource::OneReading final : public SourceReading {
  public:
    OneReading(std::shared_ptr<Shared> shared, std::string external_id)
        : shared_(std::move(shared)),
          external_id_(std::move(external_id)) {}

    runtime::Task<SourceResult<SourcePage>> next() override;
    bool proven() const override { return list_ ? list_->proven() : proven_; }
    std::uint64_t fingerprint() const override {
        return list_ ? list_->fingerprint() : shown_.value();
    }
    std::string contradiction() const override {
        return list_ ? list_->contradiction() : std::string();
    }

  private:
    runtime::Task<SourceResult<std::optional<SourcePage>>> ask();
    bool believe(const ReadPage& read);
    bool announces_more(const PageFacts& facts) const;

    std::shared_ptr<Shared> shared_;
    std::string external_id_;
    std::unique_ptr<SourceReading> list_; ///< null: the filter's answer counts
    PassFingerprint shown_;
    bool proven_ = false;
};

runtime::Task<SourceResult<SourcePage>> RestSource::OneReading::next() {
    if (!list_ && !shared_->settings.query.external_id.empty()) {
        auto page = co_await ask();
        if (!page) co_return std::unexpected(std::move(page).error());
        if (*page) {
            proven_ = true;
            co_return std::move(**page);
        }
    }
    if (!list_) list_ = std::make_unique<Reading>(shared_, std::nullopt, Reading::Memory::none);
    co_return co_await list_->next();
}

/// Nothing: the answer cannot be believed.
runtime::Task<SourceResult<std::optional<SourcePage>>> RestSource::OneReading::ask() {
    ReadPage read;
    const auto seen = [](std::string_view) { return false; };
    RetryingGet::Reader reader = [this, &read, &seen](const http::Response& response) {
        return shared_->pages.read(response, 1, seen, read);
    };
    std::optional<std::int64_t> first_page = shared_->paging_memory.first_page;
    if (shared_->settings.first_page) first_page = shared_->settings.first_page;
    auto request = shared_->requests.get(shared_->requests.one(external_id_, first_page));
    auto answer = co_await shared_->get.get(std::move(request), std::move(reader), "one patient",
                                            RetryingGet::Absent::not_found);
    std::optional<SourcePage> page;
    if (!answer) {
        const auto kind = answer.error().kind;
        if (kind == Kind::cancelled || kind == Kind::unavailable)
            co_return std::unexpected(std::move(answer).error());
        // If it is more than the filter that is refused, the list's own pages tell.
        if (kind == Kind::unreadable)
            shared_->doubt_filter("it fails (" + answer.error().what + ")");
        co_return page;
    }
    if (answer->status / 100 != 2) read = ReadPage(); // an attempt before may have filled it
    if (!believe(read)) co_return page;
    for (const auto& record : read.page.records)
        shown_.add(record.patient.external_id());
    MappingReport().write(read.faults, shared_->name, shared_->log);
    page = std::move(read.page);
    page->server_time = http::parse_http_date(answer->header("Date"));
    page->last = true;
    co_return page;
}

/// A HIS that does not know the parameter shows others. One that takes it for something else shows
/// nobody, as it does for who is not there: the one is told from the other by who was found before.
bool RestSource::OneReading::believe(const ReadPage& read) {
    const auto& records = read.page.records;
    const bool others = std::ranges::any_of(records, [this](const auto& record) {
        return record.patient.external_id() != external_id_;
    });
    if (others || read.in_portions()) {
        shared_->doubt_filter("it shows others");
        return false;
    }
    if (announces_more(read.facts)) {
        shared_->doubt_filter("it says that there is more");
        return false;
    }
    if (records.empty()) return shared_->filter_works;
    shared_->filter_works = true;
    shared_->filter_fails = false;
    return true;
}

bool RestSource::OneReading::announces_more(const PageFacts& facts) const {
    const auto shown = static_cast<std::int64_t>(facts.records);
    const bool has_numbers = facts.total || facts.total_pages;
    const bool full =
        !shared_->settings.query.per_page.empty() && facts.records >= shared_->settings.page_size;
    return facts.total.value_or(shown) > shown || facts.total_pages.value_or(1) > 1 ||
           !facts.next.empty() || (full && !has_numbers);
}

RestSource::RestSource(SourceEnvironment its, RestSettings settings,
                       std::unique_ptr<Transports> transports, RestLimits limits)
    : shared_(std::make_shared<Shared>(std::move(its), std::move(settings), std::move(transports),
                                       limits)) {}

RestSource::~RestSource() = default;

const std::string& RestSource::name() const {
    return shared_->name;
}

std::unique_ptr<SourceReading> RestSource::read(std::optional<reconcile::Instant> since) {
    return std::make_unique<Reading>(shared_, since);
}

std::unique_ptr<SourceReading> RestSource::read_one(const std::string& external_id) {
    return std::make_unique<OneReading>(shared_, external_id);
}

bool RestSource::reads_one() const {
    return !shared_->settings.query.external_id.empty() && !shared_->filter_fails;
}

std::int64_t RestSource::requests() const {
    return shared_->get.requests();
}

void RestSource::cancel() {
    shared_->get.cancel();
    shared_->transports->cancel();
}

} // namespace medibridge::connectors
