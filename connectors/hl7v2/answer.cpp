#include "connectors/hl7v2/answer.hpp"

#include "base/bytes/ascii.hpp"
#include "connectors/hl7v2/mllp_frame.hpp"
#include "connectors/hl7v2/time.hpp"
#include "reconcile/text.hpp"

#include <algorithm>

namespace medibridge::connectors::hl7 {

namespace {

constexpr std::size_t max_echo = 250; ///< bytes of a field that is repeated

/// A field of the message as it stands, without what would break a segment.
std::string echo(std::string_view field) {
    std::string out(field.substr(0, max_echo));
    std::erase_if(out, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
    return out;
}

/// ERR has the form of version 2.5 from that version on.
bool has_error_segment(std::string_view version) {
    const bool two = version.starts_with("2.");
    return two && version.size() > 2 && version[2] >= '5' && version[2] <= '9';
}

} // namespace

AnswerMode::AnswerMode(std::string_view accept, std::string_view application)
    : enhanced_(!accept.empty() || !application.empty()),
      accept_(condition(accept)),
      application_(condition(application)) {}

AnswerMode::Condition AnswerMode::condition(std::string_view word) {
    const auto is = [word](std::string_view code) {
        return base::equal_ignoring_ascii_case(word, code);
    };
    if (word.empty() || is("NE")) return Condition::never;
    if (is("SU")) return Condition::on_success;
    if (is("ER")) return Condition::on_error;
    // AL. And an answer that nobody awaits does less harm than one that somebody awaits for ever.
    return Condition::always;
}

bool AnswerMode::wants(Condition condition, bool success) {
    switch (condition) {
    case Condition::never:
        return false;
    case Condition::always:
        return true;
    case Condition::on_success:
        return success;
    case Condition::on_error:
        return !success;
    }
    return false;
}

Answers::Answers(const Message& message, std::string control)
    : delimiters_(message.delimiters()),
      encoding_(message.header().field(2)),
      mode_(reconcile::trim(message.header_part(15, 1)),
            reconcile::trim(message.header_part(16, 1))),
      event_(echo(message.header_part(9, 2))),
      processing_(echo(message.header().field(11))),
      version_(echo(message.header().field(12))),
      charset_(echo(message.header().field(18))),
      control_(std::move(control)),
      message_control_(echo(message.header().field(10))) {
    const auto& header = message.header();
    sender_ = echo(header.field(5)) + delimiters_.field + echo(header.field(6));
    receiver_ = echo(header.field(3)) + delimiters_.field + echo(header.field(4));
}

std::string Answers::answer(Outcome outcome, const Refusal& why, bool faulty_is_error,
                            reconcile::Instant now) const {
    const bool safe = outcome == Outcome::accepted || outcome == Outcome::faulty;
    const bool success =
        outcome == Outcome::accepted || (outcome == Outcome::faulty && !faulty_is_error);
    const bool refused = outcome == Outcome::refused;
    const auto* reason = success ? nullptr : &why;
    std::string out;
    if (mode_.wants_accept(safe))
        out = one(safe ? "CA" : refused ? "CR" : "CE", safe ? nullptr : &why, 'C', now);
    // What was not committed has no application acknowledgement besides.
    if ((!safe && !out.empty()) || !mode_.wants_application(success)) return out;
    if (!out.empty()) out += end_block;
    out += one(success ? "AA" : refused ? "AR" : "AE", reason, 'A', now);
    return out;
}

std::string Answers::one(std::string_view code, const Refusal* why, char suffix,
                         reconcile::Instant now) const {
    const char bar = delimiters_.field;
    const bool generic = message_control_.empty() && receiver_.empty();
    std::string out = "MSH";
    out += bar + encoding_ + bar + (generic ? sender_ + bar : sender_) + bar;
    out += (generic ? std::string(1, bar) : receiver_) + bar + time_text(now) + bar + bar + "ACK";
    if (!event_.empty() && delimiters_.component != 0) {
        out += delimiters_.component + event_;
        out += std::string(1, delimiters_.component) + "ACK";
    }
    out += bar + control_ + suffix + bar + processing_ + bar + version_;
    if (!charset_.empty()) out += std::string(6, bar) + charset_;
    out += "\rMSA";
    out += bar;
    out += code;
    out += bar + message_control_;
    if (why != nullptr) out += bar + escaped(why->reason);
    out += '\r';
    if (why != nullptr && has_error_segment(version_)) out += error_segment(*why);
    return out;
}

/// ERR-3 the code, ERR-4 the severity, ERR-8 the words (v2.5 §2.15.5).
std::string Answers::error_segment(const Refusal& why) const {
    const char bar = delimiters_.field;
    std::string out = "ERR";
    out += std::string(3, bar) + std::to_string(static_cast<int>(why.code));
    if (delimiters_.component != 0) out += std::string(2, delimiters_.component) + "HL70357";
    out += bar;
    out += 'E';
    out += std::string(4, bar) + escaped(why.reason) + '\r';
    return out;
}

std::string Answers::escaped(std::string_view text) const {
    std::string out;
    for (const char c : text) {
        if (!delimiters_.holds(c))
            out += c;
        else
            out += ' ';
    }
    return out;
}

std::vector<std::string> acknowledgement_codes(std::string_view answers) {
    constexpr std::string_view segment = "\rMSA";
    std::vector<std::string> codes;
    for (auto at = answers.find(segment); at != std::string_view::npos;
         at = answers.find(segment, at + 1))
        codes.emplace_back(answers.substr(std::min(at + segment.size() + 1, answers.size()), 2));
    return codes;
}

std::string framed_answers(std::string_view answers) {
    std::string out;
    for_each_part(answers, end_block, [&out](std::string_view one) { out += framed(one); });
    return out;
}

} // namespace medibridge::connectors::hl7
