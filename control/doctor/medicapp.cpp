#include "control/doctor/medicapp.hpp"

#include <string>

namespace medibridge::control::doctor {

using connectors::Failure;

Check judge_credentials(const MedicappAnswer& answer) {
    const std::string name = "medicapp: credentials";
    if (answer)
        return ok(name, "the API key is taken; Medicapp has " + std::to_string(answer->total) +
                            " patients");
    const auto& error = answer.error();
    const auto what = reason_of(error);
    if (error.foreign)
        return fail("medicapp: answer", what,
                    "this is not Medicapp speaking, and the API key was not judged: have whoever "
                    "runs the proxy or firewall on the way let this machine through to "
                    "medicapp.base_url; set medicapp.proxy if requests must take another way");
    if (error.failure == Failure::unauthorized || error.failure == Failure::refused)
        return fail(name, "the API key is refused: " + what,
                    "put a valid key where medicapp.api_key refers to, then reload (where it is "
                    "{credential: NAME}, restart: not every systemd hands it over anew at a "
                    "reload)");
    return fail("medicapp: answer", what,
                "check medicapp.base_url; if it is right, whoever runs Medicapp or what is in "
                "between must put it right: cycles try again by themselves");
}

Check judge_behaviour(const std::optional<KnownBehaviour>& known, std::int64_t now_ms) {
    constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;
    const std::string name = "medicapp: behaviour";
    if (!known)
        return ok(name, "not probed; `medibridgectl probe` shows what Medicapp leaves open");
    const auto days = (now_ms - known->at_ms) / day_ms;
    const auto when = days < 1 ? "today" : std::to_string(days) + " days ago";
    return ok(name, "probed " + when + ": " + behaviour_text(known->aspects));
}

Check judge_pages(const connectors::MedicappPage& page, const connectors::ListQuery& query) {
    const std::string name = "medicapp: pages";
    const auto disagreement = connectors::contradiction(page, query);
    if (!disagreement.empty())
        return warn(
            name, "its numbers disagree: " + disagreement,
            "tell who runs Medicapp: as long as they disagree, medibridge cannot prove that "
            "it has seen everybody, and concludes nothing from somebody's absence");
    if (page.nameless > 0)
        return warn(name, std::to_string(page.nameless) + " items of the first page have no id",
                    "tell who runs Medicapp: these patients cannot be synchronised");
    return ok(name, std::to_string(page.patients.size()) + " patients on the first page, " +
                        std::to_string(page.total) + " in all");
}

} // namespace medibridge::control::doctor
