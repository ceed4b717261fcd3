#include "control/left_files.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace medibridge::control {

std::int64_t count_of(const figures::LeftFiles& files) {
    std::int64_t count = 0;
    for (const auto& [reason, number] : files.reasons)
        count += number;
    return count;
}

std::string told(const figures::LeftFiles& files) {
    const auto count = count_of(files);
    if (count == 0) return {};
    std::string text = count == 1 ? "a file lies unread in " + files.folder
                                  : std::to_string(count) + " files lie unread in " + files.folder;
    std::vector<std::pair<std::string, std::int64_t>> reasons(files.reasons.begin(),
                                                              files.reasons.end());
    std::ranges::stable_sort(reasons,
                             [](const auto& a, const auto& b) { return a.second > b.second; });
    const char* before = ": ";
    for (const auto& [reason, number] : reasons) {
        text += before + reason;
        if (reasons.size() > 1) text += " (" + std::to_string(number) + ")";
        before = "; ";
    }
    return text;
}

} // namespace medibridge::control
