#pragma once

#include "base/figures/meters.hpp"
#include "base/http/transport.hpp"
#include "base/runtime/backoff.hpp"
#include "base/runtime/clock.hpp"
#include "base/runtime/task.hpp"
#include "connectors/source/source.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// How long a source is given to recover within one read.
struct RetryLimits {
    int attempts = 5;                         ///< of one request, the first included
    runtime::Duration first_delay{500};       ///< doubled after each attempt, with full jitter
    runtime::Duration longest_delay{30'000};  ///< of our own choice
    runtime::Duration longest_asked{120'000}; ///< by the HIS; a longer Retry-After is cut to this
};

/// The names of a source's settings, for texts that say how to fix an error.
struct RequestWords {
    std::string_view address = "url"; ///< the setting that says where it is
    /// What a refused query may come from.
    std::string_view query = "check the names under `query` and `modified_after_format`";
    std::string_view page_size =
        "check that `query.per_page` names the parameter that the HIS follows";
};

/// The name of a status (RFC 9110 §15), and how to fix it; `address` is the setting with the
/// server's address. Empty: the number says it all.
std::string status_words(int status, std::string_view address);

/// Gives the authorisation headers of a request, if they change over time.
class Credentials {
  public:
    virtual ~Credentials() = default;
    virtual runtime::Task<SourceResult<http::Headers>> headers() = 0;
    /// The last headers were refused: whether new ones can be obtained.
    virtual bool refused() = 0;
};

/// Sends GETs and repeats those that may succeed later: transport failures, 408, 425, 429, 5xx and
/// answers that cannot be read. Everything else is an answer or an error at once.
class RetryingGet {
  public:
    /// The transport and the clock must outlive it. `seed` is for the jitter. Attempts that fail
    /// are noted in `figures`, which is not null.
    RetryingGet(http::Transport& transport, runtime::Clock& clock, std::uint64_t seed,
                RetryLimits limits, std::shared_ptr<figures::Side> figures,
                RequestWords words = {});

    /// From now on each attempt carries these headers; null: none. After one refusal (401), a
    /// request is tried again with new ones. `credentials` must outlive this object.
    void authorise(Credentials* credentials) { credentials_ = credentials; }

    /// Takes a 2xx answer. Returns the empty text if it can be used, else what is wrong, without
    /// quoting it.
    using Reader = std::function<std::string(const http::Response&)>;

    /// What it means if nothing is at the address.
    enum class Absent : std::uint8_t {
        fault,
        not_found, ///< 404 is an answer
        gone,      ///< 404 and 410 are answers
        any,       ///< nothing is an error except refused credentials; not repeated
    };

    /// `where` begins the error texts: `page 3`. The reader does not see an answer that says that
    /// nothing is there. With Absent::any, no answer at all counts as one of status 0.
    runtime::Task<SourceResult<http::Response>> get(http::Request request, Reader read,
                                                    std::string where, Absent absent);

    std::int64_t requests() const { return requests_; }

    /// A request under way ends with `cancelled` before its next attempt, and so does every later
    /// one. Wakes the clock's sleepers.
    void cancel();
    bool cancelled() const { return cancelled_; }

  private:
    runtime::Task<SourceResult<http::Result>> attempt(http::Request request);
    runtime::Task<void> wait(runtime::Duration delay);

    http::Transport& transport_;
    runtime::Clock& clock_;
    runtime::Backoff backoff_;
    RetryLimits limits_;
    std::shared_ptr<figures::Side> figures_;
    RequestWords words_;
    Credentials* credentials_ = nullptr;
    std::int64_t requests_ = 0;
    bool cancelled_ = false;
};

} // namespace medibridge::connectors
