#pragma once

#include "base/figures/meters.hpp"
#include "base/http/transport.hpp"
#include "base/log/event.hpp"
#include "base/runtime/clock.hpp"
#include "config/settings.hpp"
#include "connectors/medicapp/fhir_answers.hpp"
#include "connectors/medicapp/medicapp.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace medibridge::connectors {

class FormKnown;

struct MedicappClientSettings {
    std::string base_path; ///< what stands before `/patients`: `/v5`, or empty
    config::Secret api_key;
    std::size_t concurrency = 8;         ///< requests under way at once, 1 or more
    std::optional<double> rate_limit;    ///< requests a second, above 0; nothing: found out
    int most_attempts = 8;               ///< of one call; 429 does not count
    double retry_budget = 100;           ///< retries at once, of all calls together
    runtime::Duration backoff_base{500}; ///< the first wait is up to this long
    runtime::Duration backoff_longest{20'000};
    runtime::Duration give_up{60'000}; ///< a call waits no longer for a failing Medicapp, except
                                       ///< for the end of the request under way
    std::uint64_t seed = 0;            ///< of the waits' randomness
    config::Representation representation = config::Representation::native;
    FhirTerms fhir; ///< the systems that the configuration names
    /// A person looks at single patients: how many records they have is asked for natively where
    /// FHIR does not say it.
    bool counts_records = false;
    /// What another client of the same Medicapp knows of its form; null: nothing.
    std::shared_ptr<FormKnown> form_known;
    /// Where attempts that fail are noted. Never null.
    std::shared_ptr<figures::Side> figures = std::make_shared<figures::Side>();
};

/// Bytes of an answer's body: 1,000 patients, each with every field as long as Medicapp takes it
/// and written in escapes.
inline constexpr std::size_t longest_answer = 8u << 20;

/// The client's share of the configuration, with the defaults above for the rest.
MedicappClientSettings client_settings(const config::MedicappSettings& settings,
                                       std::uint64_t seed);

/// Requests sent so far, each attempt counted.
struct RequestCounts {
    std::int64_t get = 0;
    std::int64_t post = 0;
    std::int64_t put = 0;
    std::int64_t delete_ = 0;
    std::int64_t retries = 0;      ///< of the above, those that repeat a failed one
    std::int64_t rate_limited = 0; ///< answers 429
};

/// How requests are held back.
struct MedicappPace {
    std::optional<double> rate;        ///< requests a second at present; nothing: no limit
    std::optional<double> limit_found; ///< requests a second, by Medicapp's refusals
    runtime::Duration pause_left{0};   ///< until requests go out again
    std::int64_t pauses = 0;           ///< since the client was made
    std::size_t under_way = 0;         ///< requests
    std::size_t waiting = 0;           ///< requests that wait for their turn
};

/// Medicapp over HTTP. All calls from the io thread; must outlive the calls under way.
///
/// Reads are repeated after any failure. Writes are repeated only after a 429 or where the
/// transport says that the server cannot have received them; otherwise a failure is `unknown` at
/// once, and the caller reads. A 429 counts neither as failure nor against the retry budget: all
/// calls slow down, and only cancel() ends the waiting; but for a call about one patient that is
/// answered so eight times while a plain read is served at once: it ends with `refused`. After a
/// 401 or 403 to a plain read every call ends with `unauthorized` without being sent, until
/// credentials_renewed() or try_credentials(). After a 401 or 403 to a call about one patient, a
/// plain read is sent: if that succeeds, only this call ends, with `refused`. Failures of such
/// calls are no outage while plain reads succeed.
class MedicappClient final : public Medicapp {
  public:
    /// Throws std::invalid_argument for an API key that cannot stand in a header.
    MedicappClient(http::Transport& transport, runtime::Clock& clock, log::EventLog& log,
                   MedicappClientSettings settings);
    ~MedicappClient() override;

    runtime::Task<Reply<MedicappPage>> list(ListQuery query) override;
    runtime::Task<Reply<MedicappPatient>> get(std::string id) override;
    runtime::Task<Reply<MedicappPatient>> create(reconcile::Patient patient) override;
    runtime::Task<Reply<MedicappPatient>> update(PatientUpdate update) override;

    const RequestCounts& requests() const;
    /// Requests a second at present; nothing: no limit.
    std::optional<double> rate() const;
    MedicappPace pace() const;
    /// Nothing is sent since credentials were refused.
    bool credentials_refused() const;
    /// Who refuses them, as refusal_of() says it; empty: nobody does.
    std::string refusal() const;
    /// In which form patients are read; for other clients of the same Medicapp.
    std::shared_ptr<FormKnown> form_known() const;
    /// The last attempts got no usable answer.
    bool failing() const;
    /// Its answer has been waited for so long that it counts as an outage: told once, as any.
    void note_silence(std::string what, runtime::Duration lasted);

    /// Ends all waiting with Failure::cancelled, and every later call at once. What is under way
    /// ends with its transport: cancel that too to end it early. Wakes the clock.
    void cancel();
    /// Takes another key and tries it with the next call. Throws std::invalid_argument as above.
    void credentials_renewed(const config::Secret& api_key);
    /// After a refusal: lets one call try the same key again; the others wait for its result. Call
    /// it from time to time; does nothing unless refused.
    void try_credentials();

  private:
    friend class MedicappEraser;
    friend class MedicappProbe;
    struct Parts;
    runtime::Task<Reply<MedicappPage>> list_native(const ListQuery& query);
    /// The terms are copied: the forms may be compared anew while the request is under way.
    runtime::Task<Reply<MedicappPage>> list_fhir(const ListQuery& query, FhirTerms terms);
    runtime::Task<Reply<MedicappPatient>> get_native(const std::string& id);
    runtime::Task<Reply<MedicappPatient>> get_fhir(const std::string& id, FhirTerms terms);

    std::unique_ptr<Parts> parts_;
};

/// Deletes patients in Medicapp, irreversibly and with all their records. Only for an operator's
/// explicit order: the synchronisation uses the interface Medicapp, which cannot delete.
class MedicappEraser {
  public:
    /// Shares the client's pacing and credentials, and must not outlive it.
    explicit MedicappEraser(MedicappClient& client) : client_(client) {}

    /// `not_found`: Medicapp says that there is no such patient (any more). `unknown`: it may or
    /// may not have been done. Repeated only where it cannot have been executed.
    runtime::Task<Reply<void>> erase(std::string id);

  private:
    MedicappClient& client_;
};

} // namespace medibridge::connectors
