#include "base/figures/meters.hpp"

namespace medibridge::figures {

void Requests::note(const std::string& method, const std::string& code, double seconds) {
    ++answers[{method, code}];
    durations.try_emplace(method, request_bounds).first->second.note(seconds);
}

void Side::note_acknowledgement(const std::string& code, double seconds) {
    acknowledgements.try_emplace(code, commit_bounds).first->second.note(seconds);
}

void Side::note_failed(std::string what) {
    if (!failing) {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        failing.emplace();
        failing->since_ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    }
    failing->what = std::move(what);
}

std::shared_ptr<Side> Meters::side(const std::string& name) {
    auto& place = sides_[name];
    if (!place) place = std::make_shared<Side>();
    return place;
}

} // namespace medibridge::figures
