#include "connectors/medicapp/behaviour.hpp"

#include <algorithm>
#include <optional>

namespace medibridge::connectors {
namespace {

constexpr std::string_view all_equal = "=";

/// `up`, `down`, `=` where all are equal, or nothing: by neither.
template <class Key>
std::string direction(const std::vector<MedicappPatient>& patients, Key key) {
    const auto less = [&](const MedicappPatient& a, const MedicappPatient& b) {
        return key(a) < key(b);
    };
    const auto more = [&](const MedicappPatient& a, const MedicappPatient& b) {
        return key(b) < key(a);
    };
    const bool up = std::ranges::is_sorted(patients, less);
    const bool down = std::ranges::is_sorted(patients, more);
    if (up && down) return std::string(all_equal);
    if (!up && !down) return {};
    return up ? "up" : "down";
}

/// What cannot be told apart has ` or ` between its words; days on which other patients are listed
/// may tell more of it apart.
bool agree(std::string_view a, std::string_view b) {
    constexpr std::string_view or_else = " or ";
    const auto has = [&](std::string_view words, std::string_view one) {
        for (;;) {
            const auto end = words.find(or_else);
            if (words.substr(0, end) == one) return true;
            if (end == std::string_view::npos) return false;
            words.remove_prefix(end + or_else.size());
        }
    };
    for (;;) {
        const auto end = a.find(or_else);
        if (has(b, a.substr(0, end))) return true;
        if (end == std::string_view::npos) return false;
        a.remove_prefix(end + or_else.size());
    }
}

} // namespace

std::string list_order(const std::vector<MedicappPatient>& patients) {
    constexpr std::size_t enough = 10; // at random, one of millions of orders is one of these
    if (patients.size() < enough) return {};
    const std::vector<std::pair<std::string, std::string>> directions{
        {"created",
         direction(patients, [](const MedicappPatient& patient) { return patient.created_at; })},
        {"modified",
         direction(patients, [](const MedicappPatient& patient) { return patient.modified_at; })},
        {"id", direction(patients, [](const MedicappPatient& patient) { return patient.id; })},
    };
    std::string orders;
    bool can_tell = true;
    for (const auto& [name, its] : directions) {
        can_tell = can_tell && its != all_equal;
        if (its.empty() || its == all_equal) continue;
        orders += (orders.empty() ? "" : " or ") + name + (its == "down" ? " descending" : "");
    }
    return orders.empty() && can_tell ? "another" : orders;
}

std::string filter_bound(const MedicappPage& page, reconcile::Instant moment,
                         const std::string& patient) {
    const auto is_it = [&](const MedicappPatient& shown) {
        return shown.id == patient && shown.modified_at == moment;
    };
    if (std::ranges::any_of(page.patients, is_it)) return "inclusive";
    return page.total_pages <= 1 ? "exclusive" : std::string();
}

std::string refusal_words(const ApiError& error) {
    const auto words = "refused: " + std::to_string(error.status);
    return error.code.empty() ? words : words + ' ' + error.code;
}

std::string differences(const Behaviour& before, const Behaviour& now) {
    std::string words;
    for (const auto& [aspect, was] : before) {
        const auto is = now.find(aspect);
        if (is == now.end() || agree(was, is->second)) continue;
        words += (words.empty() ? "" : "; ") + aspect + ": " + was + ", now " + is->second;
    }
    return words;
}

} // namespace medibridge::connectors
