#pragma once

#include "reconcile/patient.hpp"

#include <set>
#include <string>
#include <string_view>

namespace medibridge::reconcile {

/// Whose value wins when a field differs.
enum class Authority : std::uint8_t { his, medicapp, newest };
enum class OnErased : std::uint8_t { hold, recreate };
enum class OnUnlinkedMatch : std::uint8_t { hold, link, create };
enum class OnCleared : std::uint8_t { keep, clear };
enum class LastName : std::uint8_t { birth, usual };

/// The operator's choices among the outcomes of the decision tables.
struct Policy {
    std::array<Authority, field_count> authority = default_authority();
    OnErased on_erased = OnErased::hold;
    OnUnlinkedMatch on_unlinked_match = OnUnlinkedMatch::hold;
    OnCleared on_cleared = OnCleared::keep;

    Authority authority_of(Field field) const { return authority[static_cast<std::size_t>(field)]; }

    /// `his` for all fields but email and phone, which follow the newest.
    static std::array<Authority, field_count> default_authority() {
        std::array<Authority, field_count> all{};
        all[static_cast<std::size_t>(Field::email)] = Authority::newest;
        all[static_cast<std::size_t>(Field::phone)] = Authority::newest;
        return all;
    }
};

/// How a source's record becomes a patient.
struct IdentityPolicy {
    LastName last_name = LastName::birth;
    std::string default_region = "FR"; ///< ISO 3166-1, of phones and addresses that name none
    std::set<std::string> hold_status = {"DOUT", "FICT", "DOUB", "CACH", "ANOM", "USUR", "DESA"};
    /// Texts in place of an unknown name (`identity.placeholders`), as placeholder_entry()
    /// makes it: words joined by one space, ` *` at the end for anything that follows.
    std::set<std::string> placeholders = default_placeholders();

    static std::set<std::string> default_placeholders();
};

/// Whether the text is written in place of an unknown first or last name: `INCONNU`, `X`, `.`,
/// `NOUVEAU-NE`, `BEBE DUPONT`. Such a text is not a name: it replaces none and agrees with none.
/// Case, accents and punctuation do not matter. A text is a placeholder if it consists only of
/// entries of the policy's list and of numbers behind them, if it begins with an entry that ends in
/// `*`, or if it holds no letter or digit. docs/identity.md has the list.
bool is_placeholder(std::string_view name, const IdentityPolicy& policy);

/// The form in which the policy's list holds an entry, whose last character may be a `*`; empty if
/// the text has no letter or digit.
std::string placeholder_entry(std::string_view text);

} // namespace medibridge::reconcile
