#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/service.hpp"
#include "sandbox/settings.hpp"

#include <string>

namespace medibridge::sandbox {

/// The simulated HIS under `/api/patients`. Settings, store and clock must outlive it; the
/// settings may change at any time.
class HisApi final : public Service {
  public:
    HisApi(const Settings& settings, const HisStore& store, const Clock& clock);

    Reply answer(const Request& request) override;
    bool is_list(std::string_view path) const override;
    Reply error(unsigned status, std::string_view code, std::string_view message) override;
    Millis now() const override;

    /// `http://127.0.0.1:PORT`, for absolute links.
    void set_origin(std::string origin) { origin_ = std::move(origin); }

  private:
    Reply list(const Request& request);
    ListWindow one(std::string_view ipp) const;

    const Settings& settings_;
    const HisStore& store_;
    const Clock& clock_;
    std::string origin_;
};

} // namespace medibridge::sandbox
