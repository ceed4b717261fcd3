#include "control/operations.hpp"

#include "base/bytes/ascii.hpp"
#include "reconcile/normal_form.hpp"

#include <algorithm>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

constexpr std::size_t pseudonym_digits = 12;

bool looks_like_pseudonym(const std::string& text) {
    return text.size() == pseudonym_digits && std::ranges::all_of(text, base::is_hex_digit);
}

/// The externalId that stands behind a pseudonym, among those that the state knows; empty: none.
Task<std::string> resolve(Call& call, std::string pseudonym) {
    auto job = [wanted = std::move(pseudonym),
                digester = call.backend.digester()](state::Store& store) {
        std::string found;
        const auto look_at = [&](const std::string& external_id) {
            if (found.empty() && digester.pseudonym(external_id) == wanted) found = external_id;
        };
        store.each_link([&](const state::Link& link) { look_at(link.external_id); });
        for (const auto& held : store.held())
            look_at(held.key);
        return found;
    };
    co_return co_await call.backend.database().run(std::move(job));
}

} // namespace

Task<Json> pseudonym(Call& call) {
    call.allow_parameters({});
    const auto& text = call.captured[0];
    std::string external_id;
    if (looks_like_pseudonym(text))
        external_id = co_await resolve(call, base::ascii_lower_case(text));
    if (external_id.empty()) {
        // An externalId may look like one, too: it has a pseudonym if somebody has it.
        const auto known = co_await call.backend.database().look_up({text});
        const bool is_somebody = known.front().link || known.front().held;
        if (looks_like_pseudonym(text) && !is_somebody)
            throw Failure(Failure::Kind::not_found, "nobody is known under that pseudonym");
        external_id = text;
    }
    Json it;
    it["external_id"] = external_id;
    it["pseudonym"] = call.backend.digester().pseudonym(external_id);
    co_return it;
}

} // namespace medibridge::control::operations
