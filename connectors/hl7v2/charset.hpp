#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors::hl7 {

/// A character set with one byte a character: the UTF-8 text of each byte.
using ByteTable = std::array<std::string, 256>;

/// How the bytes of one message become text.
class Decoder {
  public:
    /// UTF-8, strictly: what is none becomes U+FFFD, which no field accepts.
    Decoder() = default;
    /// One byte a character. With `utf8_first`, a text that is valid UTF-8 is taken as that.
    Decoder(std::shared_ptr<const ByteTable> table, bool utf8_first)
        : table_(std::move(table)),
          utf8_first_(utf8_first) {}

    /// UTF-8.
    std::string text(std::string_view bytes) const;

  private:
    std::shared_ptr<const ByteTable> table_;
    bool utf8_first_ = false;
};

/// The character sets that MSH-18 names (HL7 table 0211), as far as they hold ASCII as it is and
/// nothing in them can be mistaken for a delimiter: ASCII, ISO 8859, Windows-1252, UTF-8.
class Charsets {
  public:
    /// `default_name` is ICU's name of the set where MSH-18 is empty. Throws std::invalid_argument
    /// if it cannot serve.
    explicit Charsets(const std::string& default_name);

    /// `declared` is MSH-18's first repetition, `message` all its bytes. Nothing: the set is not
    /// supported, and there are bytes that need it. If a set of single bytes is declared but the
    /// complete message is valid UTF-8 with characters beyond ASCII, it is UTF-8: that does not
    /// happen by chance. ISO 8859-1 is read as Windows-1252, whose additional characters stand
    /// where ISO 8859-1 has controls that no name holds.
    std::optional<Decoder> decoder(std::string_view declared, std::string_view message);

  private:
    Decoder decoder_of(const std::string& name, std::string_view message);

    std::string default_;
    std::map<std::string, std::shared_ptr<const ByteTable>> tables_; ///< of known names only
};

} // namespace medibridge::connectors::hl7
