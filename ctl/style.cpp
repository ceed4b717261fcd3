#include "ctl/style.hpp"

namespace medibridge::ctl {

namespace {

std::string_view code(Tone tone) {
    switch (tone) {
    case Tone::plain:
        return "";
    case Tone::strong:
        return "\x1b[1m";
    case Tone::faint:
        return "\x1b[2m";
    case Tone::good:
        return "\x1b[32m";
    case Tone::doubtful:
        return "\x1b[33m";
    case Tone::bad:
        return "\x1b[31m";
    }
    return "";
}

} // namespace

std::string Style::as_typed(std::string_view text) const {
    constexpr std::string_view bare = "medibridgectl ";
    std::string typed;
    for (;;) {
        const auto at = text.find(bare);
        typed += text.substr(0, at);
        if (at == std::string_view::npos) return typed;
        text.remove_prefix(at + bare.size());
        typed += text.starts_with("--") ? std::string(bare) : program + ' ';
    }
}

std::string Style::paint(Tone tone, std::string_view text) const {
    if (!colours || tone == Tone::plain || text.empty()) return std::string(text);
    return std::string(code(tone)) + std::string(text) + "\x1b[0m";
}

} // namespace medibridge::ctl
