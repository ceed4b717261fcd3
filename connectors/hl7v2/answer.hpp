#pragma once

#include "connectors/hl7v2/message.hpp"
#include "reconcile/instant.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors::hl7 {

/// What happened to a message.
enum class Outcome {
    accepted, ///< safe, and its effect with it: AA, CA
    faulty,   ///< safe, but its data can never be used: CA, and AE where the sender wants that
    failed,   ///< not stored, may be sent again: AE, CE
    refused,  ///< not ours, or no such message: AR, CR
};

/// Which acknowledgements a message asks for (HL7 v2.5 §2.9). MSH-15 and MSH-16 both empty:
/// original mode. If only one is empty, it means `NE`. An unknown word means `AL`; case does not
/// count.
class AnswerMode {
  public:
    AnswerMode() = default;
    AnswerMode(std::string_view accept, std::string_view application);

    bool enhanced() const { return enhanced_; }
    /// Whether an accept acknowledgement (CA, CE, CR) goes out.
    bool wants_accept(bool success) const { return enhanced_ && wants(accept_, success); }
    /// Whether an application acknowledgement (AA, AE, AR) goes out.
    bool wants_application(bool success) const {
        return !enhanced_ || wants(application_, success);
    }

  private:
    enum class Condition { never, always, on_success, on_error };
    static Condition condition(std::string_view word);
    static bool wants(Condition condition, bool success);

    bool enhanced_ = false;
    Condition accept_ = Condition::never;
    Condition application_ = Condition::never;
};

/// Writes the answers to one message: its delimiters, version and character set, sender and
/// receiver exchanged, MSH-9 `ACK^event^ACK`, an ERR segment (from version 2.5 on) behind anything
/// but an acceptance. No value of the message is repeated but what MSH itself must echo.
class Answers {
  public:
    /// To something that is no HL7 message.
    Answers() = default;
    /// `control` stands for the message: the same message gets the same control identifiers.
    Answers(const Message& message, std::string control);

    const AnswerMode& mode() const { return mode_; }

    /// The answer: one or two messages, joined by end_block; empty: none. `faulty_is_error`: a
    /// fault of the data is answered with `AE`.
    std::string answer(Outcome outcome, const Refusal& why, bool faulty_is_error,
                       reconcile::Instant now) const;

  private:
    std::string one(std::string_view code, const Refusal* why, char suffix,
                    reconcile::Instant now) const;
    std::string error_segment(const Refusal& why) const;
    std::string escaped(std::string_view text) const;

    Delimiters delimiters_;
    std::string encoding_ = "^~\\&";
    AnswerMode mode_;
    std::string sender_ = "medibridge"; ///< MSH-3 and MSH-4 of the answer
    std::string receiver_;              ///< MSH-5 and MSH-6
    std::string event_;
    std::string processing_ = "P";
    std::string version_ = "2.5";
    std::string charset_;
    std::string control_ = "0";
    std::string message_control_; ///< MSA-2
};

/// Their codes: AA, AE, AR, CA, CE or CR.
std::vector<std::string> acknowledgement_codes(std::string_view answers);

/// The answers as they travel: each in a block of its own.
std::string framed_answers(std::string_view answers);

} // namespace medibridge::connectors::hl7
