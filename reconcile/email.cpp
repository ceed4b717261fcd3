#include "reconcile/email.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>

namespace medibridge::reconcile {

namespace {

constexpr std::string_view not_an_address = "is not an e-mail address";

// RFC 5321 §4.5.3.1
constexpr std::size_t address_limit = 254;
constexpr std::size_t local_limit = 64;
constexpr std::size_t label_limit = 63;

bool is_atom_character(char c) {
    return base::is_ascii_alphanumeric(c) ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_atom(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_atom_character);
}

bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= label_limit && text.front() != '-' &&
           text.back() != '-' && std::ranges::all_of(text, [](char c) {
               return base::is_ascii_alphanumeric(c) || c == '-';
           });
}

/// Whether each part between the dots is as `is_part` wants it. Counts the parts.
template <class Predicate>
bool parts_are(std::string_view text, Predicate is_part, std::size_t& count) {
    count = 0;
    for (;;) {
        const auto dot = text.find('.');
        ++count;
        if (!is_part(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_local_part(std::string_view text) {
    std::size_t atoms = 0;
    return text.size() <= local_limit && parts_are(text, is_atom, atoms);
}

bool is_domain(std::string_view text) {
    std::size_t labels = 0;
    if (!parts_are(text, is_label, labels) || labels < 2) return false;
    // No top-level domain is a number: this is an IP address without its brackets.
    const auto top = text.substr(text.rfind('.') + 1);
    return !std::ranges::all_of(top, base::is_ascii_digit);
}

} // namespace

Normal normal_email(std::string_view text) {
    auto normal = normal_text(text, Shape::name);
    if (!normal.ok() || normal.text.empty()) return normal;
    const auto at = normal.text.find('@');
    if (at == std::string::npos || normal.text.size() > address_limit) return {{}, not_an_address};
    const std::string_view all = normal.text;
    if (!is_local_part(all.substr(0, at)) || !is_domain(all.substr(at + 1)))
        return {{}, not_an_address};
    std::transform(normal.text.begin() + static_cast<std::ptrdiff_t>(at), normal.text.end(),
                   normal.text.begin() + static_cast<std::ptrdiff_t>(at), base::ascii_lower);
    return normal;
}

} // namespace medibridge::reconcile
