#include "sync/core/formers.hpp"

#include <utility>

namespace medibridge::sync {

void Formers::note(const std::string& survivor, Former former) {
    formers_[survivor].former = std::move(former);
}

const Former* Formers::of(const std::string& survivor) const {
    const auto found = formers_.find(survivor);
    return found == formers_.end() ? nullptr : &found->second.former;
}

void Formers::try_again(const std::string& survivor) {
    const auto found = formers_.find(survivor);
    if (found != formers_.end()) found->second.due = true;
}

std::map<std::string, Former>
Formers::take_due(bool all, const std::function<bool(const std::string&)>& wanted) {
    std::map<std::string, Former> due;
    for (auto& [survivor, waiting] : formers_) {
        const bool now = std::exchange(waiting.due, false) || all || wanted(survivor) ||
                         wanted(waiting.former.external_id);
        if (now) due.emplace(survivor, waiting.former);
    }
    return due;
}

} // namespace medibridge::sync
