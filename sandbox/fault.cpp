#include "sandbox/fault.hpp"

#include <algorithm>
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

constexpr std::string_view html_status = "html=";

/// Of `403` and `html=403`.
std::optional<unsigned> status_in(std::string_view text) {
    if (text.starts_with(html_status)) text.remove_prefix(html_status.size());
    const auto code = number<unsigned>(text);
    return code && *code >= 400 && *code <= 599 ? code : std::nullopt;
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
    if (second == std::string::npos)
        throw mistake(text, "expected [SIDE/]REQUEST[@PATIENT]:WHEN:WHAT");
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
    if (const auto at = text.find('@'); at != std::string_view::npos) {
        patient_ = text.substr(at + 1);
        text = text.substr(0, at);
        if (patient_.empty() || side_ == Side::his)
            throw mistake(text_, "behind the @ stands a patient's externalId, in Medicapp only");
    }
    for (const char* known : {"ANY", "GET", "POST", "PUT", "DELETE", "WRITE", "LIST", "ITEM"}) {
        if (text == known) request_ = text;
    }
    if (request_.empty())
        throw mistake(text_, "REQUEST is ANY GET POST PUT DELETE WRITE LIST or ITEM");
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
    if (text == "gzip" || text == "deflate") {
        kind_ = FaultKind::pack;
        packing_ = text == "gzip" ? Packing::gzip : Packing::deflate;
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
    } else if (const auto code = status_in(text)) {
        status_ = *code;
        const bool gateway = text.starts_with(html_status) || (*code >= 502 && *code <= 504);
        kind_ = gateway ? FaultKind::gateway : FaultKind::status;
    } else {
        throw mistake(text_, "WHAT is a status from 400 to 599, html=STATUS, reset, close, hang, "
                             "html, empty, truncate, garbage, gzip, deflate or slow=MS");
    }
}

bool FaultRule::takes(Verb verb, bool list) const {
    if (request_ == "ANY" || request_ == name(verb)) return true;
    if (request_ == "WRITE") return verb != Verb::get && verb != Verb::other;
    return verb == Verb::get && request_ == (list ? "LIST" : "ITEM");
}

bool FaultRule::strikes(Side side, Verb verb, bool list, std::string_view patient, Random& random) {
    const bool about = patient_.empty() || patient_ == patient;
    if (side != side_ || !about || !takes(verb, list)) return false;
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

bool FaultScript::names_patients() const {
    return std::ranges::any_of(rules_, [](const auto& rule) { return !rule.patient().empty(); });
}

Fault FaultScript::next(Side side, Verb verb, bool list, std::string_view patient) {
    Fault fault;
    for (auto& rule : rules_) {
        if (!rule.strikes(side, verb, list, patient, random_)) continue;
        fault.delay += rule.delay();
        if (rule.kind() == FaultKind::slow || fault.strikes) continue;
        fault.strikes = true;
        fault.kind = rule.kind();
        fault.after = rule.after();
        fault.status = rule.status();
        fault.packing = rule.packing();
    }
    return fault;
}

} // namespace medibridge::sandbox
