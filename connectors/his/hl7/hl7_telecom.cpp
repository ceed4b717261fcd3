#include "connectors/his/hl7/hl7_telecom.hpp"

#include "reconcile/text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors::hl7 {

using reconcile::FieldValue;

namespace {

constexpr std::size_t worst = 9;

std::string upper(std::string_view text) {
    std::string out(reconcile::trim(text));
    std::ranges::transform(out, out.begin(), reconcile::ascii_upper);
    return out;
}

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

/// One repetition.
class Contact {
  public:
    Contact(std::string_view repetition, const Leaves& leaves)
        : repetition_(repetition),
          leaves_(leaves),
          use_(upper(text(2))),
          equipment_(upper(text(3))) {}

    bool is_email() const {
        return use_ == "NET" || equipment_ == "INTERNET" || equipment_ == "X.400" ||
               !text(4).empty() || text(1).find('@') != std::string::npos;
    }
    FieldValue email() const {
        const auto named = text(4);
        const auto first = text(1);
        if (!named.empty() && !is_null(named)) return FieldValue::known(named);
        if (first.find('@') != std::string::npos) return FieldValue::known(first);
        return is_null(named) || is_null(first) ? FieldValue::cleared() : FieldValue();
    }

    /// The less the better; nothing under `worst` for what is no phone of the patient.
    std::size_t rank() const {
        constexpr std::array<std::string_view, 6> devices{"FX", "BP", "MD", "TDD", "TTY", "SAT"};
        constexpr std::array<std::string_view, 4> others{"EMR", "WPN", "ASN", "BPN"};
        if (is_one_of(devices, equipment_) || is_one_of(others, use_)) return worst;
        if (equipment_ == "CP" || use_ == "PRS") return 0;
        return use_ == "PRN" || use_.empty() ? 1 : 2;
    }
    FieldValue phone() const {
        const auto first = text(1);
        if (is_null(first)) return FieldValue::cleared();
        if (!first.empty()) return FieldValue::known(first);
        const auto unformatted = text(12);
        if (!unformatted.empty() && !is_null(unformatted)) return FieldValue::known(unformatted);
        const auto local = text(7);
        if (local.empty() || is_null(local)) return {};
        const auto country = text(5);
        const bool international = !country.empty() && !is_null(country);
        const auto area = text(6);
        return FieldValue::known((international ? "+" + country + " " : "") +
                                 (is_null(area) ? "" : area) + local);
    }

  private:
    std::string text(std::size_t component) const {
        const auto& delimiters = leaves_.delimiters();
        const auto raw =
            part(part(repetition_, delimiters.component, component), delimiters.subcomponent, 1);
        return std::string(reconcile::trim(leaves_.text(raw)));
    }

    std::string_view repetition_;
    const Leaves& leaves_;
    std::string use_;
    std::string equipment_;
};

/// What is known goes before what is cleared, and that before what is unknown.
bool says_more(const FieldValue& value, const FieldValue& than) {
    if (value.is_known()) return !than.is_known();
    return !value.is_unknown() && than.is_unknown();
}

} // namespace

Telecom read_telecom(std::string_view field, const Leaves& leaves) {
    Telecom telecom;
    if (is_null(field)) {
        telecom.phone = FieldValue::cleared();
        telecom.email = FieldValue::cleared();
        return telecom;
    }
    std::size_t rank = worst;
    for_each_part(field, leaves.delimiters().repetition, [&](std::string_view repetition) {
        if (reconcile::trim(repetition).empty()) return;
        const Contact contact(repetition, leaves);
        if (contact.is_email()) {
            auto email = contact.email();
            if (says_more(email, telecom.email)) telecom.email = std::move(email);
            return;
        }
        if (contact.rank() == worst) return;
        auto phone = contact.phone();
        const bool better = phone.is_known() && contact.rank() < rank;
        if (phone.is_known() && better) rank = contact.rank();
        if (better || says_more(phone, telecom.phone)) telecom.phone = std::move(phone);
    });
    return telecom;
}

} // namespace medibridge::connectors::hl7
