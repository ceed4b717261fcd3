#include "sync/core/home_country.hpp"

#include "reconcile/country.hpp"
#include "sync/core/views.hpp"

#include <algorithm>

namespace medibridge::sync {

using reconcile::Field;
using reconcile::SideView;

namespace {

/// Whether Medicapp's country is that of an address that names none.
bool is_home(const Rules& rules, const std::string& external_id,
             const reconcile::FieldDigest& country) {
    return std::ranges::any_of(reconcile::country_names(rules.settings.identity.default_region),
                               [&](const std::string& name) {
                                   reconcile::Patient patient(external_id);
                                   patient[Field::country] = reconcile::FieldValue::known(name);
                                   return of(rules.digester.fields(patient), Field::country) ==
                                          country;
                               });
}

} // namespace

reconcile::UpdatePlan plan_of(const Rules& rules, const std::string& external_id,
                              const reconcile::Baselines& agreed, const SideView& his,
                              const reconcile::FieldSet& his_cleared, const SideView& medicapp) {
    const auto& policy = rules.settings.policy;
    auto plan = plan_update(&agreed, his, his_cleared, medicapp, policy);
    if (!plan.partial_address || !is_unknown(of(his.fields, Field::country))) return plan;
    auto country = of(medicapp.fields, Field::country);
    if (is_unknown(country)) country = of(agreed.medicapp.fields, Field::country);
    if (!is_home(rules, external_id, country)) return plan;
    auto completed = his;
    of(completed.fields, Field::country) = country;
    return plan_update(&agreed, completed, his_cleared, medicapp, policy);
}

} // namespace medibridge::sync
