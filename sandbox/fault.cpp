#include "sandbox/fault.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

namespace medibridge::sandbox {

namespace {

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool ends_with(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

std::invalid_argument mistake(std::string_view text, const char* expected) {
    return std::invalid_argument("fault \"" + std::string(text) + "\": " + expected);
}

} // namespace

std::string_view name(Side side) {
    return side == Side::medicapp ? "medicapp" : "his";
}

FaultRule::FaultRule(const std::string& text) : text_(text) {
    const auto first = text.find(':');
    const auto second = first == std::string::npos ? first : text.find(':', first + 1);
    if (second == std::string::npos) throw mistake(text, "expected [SIDE/]REQUEST:WHEN:WHAT");
    const std::string_view whole(text_);
    read_request(whole.substr(0, first));
    read_when(whole.substr(first + 1, second - first - 1));
    read_what(whole.substr(second + 1));
}

void FaultRule::read_request(std::string_view text) {
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto side = text.substr(0, slash);
        if (side != "his" && side != "medicapp")
            throw mistake(text_, "the side is medicapp or his");
        if (side == "his") side_ = Side::his;
        text.remove_prefix(slash + 1);
    }
    for (const char* known : {"ANY", "GET", "POST", "PUT", "DELETE", "LIST", "ITEM"}) {
        if (text == known) request_ = text;
    }
    if (request_.empty()) throw mistake(text_, "REQUEST is ANY GET POST PUT DELETE LIST or ITEM");
}

void FaultRule::read_when(std::string_view text) {
    if (ends_with(text, "%")) {
        const auto percent = number<double>(text);
        if (!percent || !(*percent >= 0 && *percent <= 100))
            throw mistake(text_, "a probability is from 0% to 100%");
        probability_ = *percent / 100;
        return;
    }
    const bool open = ends_with(text, "+");
    const auto dash = text.find('-');
    const auto from = number<std::uint64_t>(text.substr(0, dash));
    const auto to =
        dash == std::string_view::npos ? from : number<std::uint64_t>(text.substr(dash + 1));
    if (!from || !to || *from == 0 || *to < *from || (open && dash != std::string_view::npos))
        throw mistake(text_, "WHEN is a number from 1, 5-9, 5+ or 2%");
    first_ = *from;
    if (!open) last_ = *to;
}

void FaultRule::read_what(std::string_view text) {
    if (text.starts_with("slow=")) {
        const auto ms = number<Millis>(text.substr(5));
        if (!ms || *ms < 0) throw mistake(text_, "slow needs milliseconds: slow=500");
        kind_ = FaultKind::slow;
        delay_ = *ms;
        return;
    }
    if (text == "truncate" || text == "garbage") {
        kind_ = text == "truncate" ? FaultKind::truncate : FaultKind::garbage;
        after_ = true;
        return;
    }
    after_ = ends_with(text, "-after");
    if (!after_) ends_with(text, "-before");
    if (text == "reset") {
        kind_ = FaultKind::reset;
    } else if (text == "close") {
        kind_ = FaultKind::close;
    } else if (text == "hang") {
        kind_ = FaultKind::hang;
    } else if (text == "html") {
        kind_ = FaultKind::html;
    } else if (text == "empty") {
        kind_ = FaultKind::empty;
    } else if (const auto code = number<unsigned>(text); code && *code >= 400 && *code <= 599) {
        status_ = *code;
        kind_ = *code >= 502 && *code <= 504 ? FaultKind::gateway : FaultKind::status;
    } else {
        throw mistake(text_, "WHAT is a status from 400 to 599, reset, close, hang, html, "
                             "empty, truncate, garbage or slow=MS");
    }
}

bool FaultRule::strikes(Side side, Verb verb, bool list, Random& random) {
    const bool get = verb == Verb::get;
    const bool mine = side == side_ &&
                      (request_ == "ANY" || request_ == name(verb) ||
                       (request_ == "LIST" && get && list) || (request_ == "ITEM" && get && !list));
    if (!mine) return false;
    ++seen_;
    if (seen_ < first_ || seen_ > last_) return false;
    if (probability_ < 1 && !random.chance(probability_)) return false;
    ++hits_;
    return true;
}

void FaultScript::replace(const std::vector<std::string>& texts) {
    std::vector<FaultRule> rules;
    rules.reserve(texts.size());
    for (const auto& text : texts)
        rules.emplace_back(text);
    rules_ = std::move(rules);
}

Fault FaultScript::next(Side side, Verb verb, bool list) {
    Fault fault;
    for (auto& rule : rules_) {
        if (!rule.strikes(side, verb, list, random_)) continue;
        fault.delay += rule.delay();
        if (rule.kind() == FaultKind::slow || fault.strikes) continue;
        fault.strikes = true;
        fault.kind = rule.kind();
        fault.after = rule.after();
        fault.status = rule.status();
    }
    return fault;
}

} // namespace medibridge::sandbox
