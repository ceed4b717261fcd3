#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/service.hpp"
#include "sandbox/settings.hpp"
#include "sandbox/token_server.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::sandbox {

/// The simulated HIS as a FHIR R4 server under `/fhir`, and the server that gives tokens for it.
/// Settings, store and clock must outlive it; the settings may change at any time.
class FhirApi final : public Service {
  public:
    static constexpr std::string_view root = "/fhir";

    FhirApi(const Settings& settings, const HisStore& store, const Clock& clock);

    Reply answer(const Request& request) override;
    bool is_list(std::string_view path) const override;
    Reply error(unsigned status, std::string_view code, std::string_view message) override;
    Millis now() const override;

    /// `http://127.0.0.1:PORT`.
    void set_origin(std::string origin);

  private:
    /// What a search found, as it was then. A page shows what there is now of those found.
    using Snapshot = std::vector<Slot>;

    Reply search(const Request& request);
    Reply page(std::uint64_t number, std::size_t offset, std::size_t count);
    Reply by_identifier(std::string_view identifier) const;
    Reply patient(std::string_view id) const;
    Reply history(const Request& request) const;
    Reply history_of(std::string_view id) const;
    void append_entry(std::string& out, Slot slot) const;
    void append_version(std::string& out, Slot slot, const HisPatient& patient) const;
    void append_deletion(std::string& out, const HisDeletion& deletion) const;
    std::string next_link(std::uint64_t number, std::size_t offset, std::size_t count) const;

    const Settings& settings_;
    const HisStore& store_;
    const Clock& clock_;
    TokenServer tokens_;
    std::string origin_;
    std::map<std::uint64_t, Snapshot> snapshots_;
    std::uint64_t searches_ = 0;
};

} // namespace medibridge::sandbox
