#pragma once

#include "sandbox/exchange.hpp"
#include "sandbox/medicapp_input.hpp"
#include "sandbox/medicapp_store.hpp"
#include "sandbox/service.hpp"
#include "sandbox/settings.hpp"
#include "sandbox/stats.hpp"
#include "sandbox/token_bucket.hpp"

#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// Who writes: the API's caller, or somebody in Medicapp itself, whom no switch forbids anything.
enum class Writer { caller, medicapp };

/// The simulated Medicapp API v5 under `/v5`. Settings, store and clock must outlive it; the
/// settings may change at any time.
class MedicappApi final : public Service {
  public:
    MedicappApi(const Settings& settings, MedicappStore& store, const Clock& clock);

    Reply answer(const Request& request) override;
    bool is_list(std::string_view path) const override;
    std::string patient_of(const Request& request) const override;
    Reply error(unsigned status, std::string_view code, std::string_view message) override;
    Millis now() const override;

    Reply create(std::string_view body, Writer writer);
    Reply change(Slot slot, std::string_view body, Writer writer);
    void change(Slot slot, const MedicappTexts::Views& texts);
    /// Appends a patient as Medicapp has them; list items have no address. Never broken.
    void append_patient(std::string& out, Slot slot, bool with_address) const;

    const PutStats& put_stats() const { return put_stats_; }
    void reset_put_stats() { put_stats_ = PutStats(); }

  private:
    struct Merged {
        std::uint64_t fields = 0;      ///< that the body carried
        std::uint64_t same_fields = 0; ///< of which were so already
        bool changed = false;
    };

    bool is_broken(Slot slot) const;
    void append(std::string& out, Slot slot, bool with_address, bool broken) const;
    Reply route(const Request& request);
    Reply list(const Request& request);
    Reply shown(unsigned status, Slot slot);
    /// Whether it is asked for, and served.
    bool is_fhir(const Query& query) const;
    Reply shown_as_fhir(Slot slot);
    Reply not_found(bool as_resource);
    Reply erase(Slot slot);
    Reply refused(const Refusal& refusal);
    Reply conflict();
    void announce(Reply& reply) const;
    void append_limits(Reply& reply) const;
    std::optional<Refusal> check_nulls(const MedicappInput& input, bool change,
                                       Writer writer) const;
    std::optional<Refusal> check_permissions(MedicappInput& input) const;
    Merged merge(MedicappTexts::Views& texts, const MedicappInput& input, bool nulls_clear) const;
    Millis stamp() const;
    Millis visible_at() const;

    const Settings& settings_;
    MedicappStore& store_;
    const Clock& clock_;
    TokenBucket bucket_;
    PutStats put_stats_;
    std::uint64_t errors_ = 0;
};

} // namespace medibridge::sandbox
