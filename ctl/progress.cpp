#include "ctl/progress.hpp"

#include "ctl/json.hpp"

#include <ostream>

namespace medibridge::ctl {

namespace {
constexpr const char* erase_line = "\r\x1b[2K";
} // namespace

void Progress::heed(std::string_view json) {
    const auto progress = object_of(json);
    if (!progress) return;
    const Json& acted = value_in(*progress, "acted");
    if (acted.is_object()) {
        if (results_ == nullptr) return;
        clear();
        *results_ << text_in(acted, "action") << '\t' << text_in(acted, "external_id");
        const std::string detail = text_in(acted, "detail");
        if (!detail.empty()) *results_ << '\t' << detail;
        *results_ << '\n';
        return;
    }
    if (!is_terminal_) return;
    std::string line;
    for (const auto& [key, value] : progress->items()) {
        if (value.is_structured() || value.is_null()) continue;
        line += (line.empty() ? "" : ", ");
        line += value.is_number() ? text_of(value) + " " + text_of(Json(key)) : text_of(value);
    }
    *terminal_ << erase_line << line << std::flush;
    shown_ = true;
}

void Progress::clear() {
    if (!shown_) return;
    *terminal_ << erase_line << std::flush;
    shown_ = false;
}

} // namespace medibridge::ctl
