#pragma once

#include <cstdint>
#include <string>

namespace medibridge::connectors {

/// The value at one place of a source's record, before its meaning is known.
struct RawValue {
    enum class Kind : std::uint8_t {
        absent,
        null,
        boolean,   ///< text is `true` or `false`
        integer,   ///< text is all its digits
        decimal,   ///< a number with fraction or exponent, or beyond 64 bits; text as it is written
        text,      ///< UTF-8
        composite, ///< an object or a list
        oversized, ///< a text that is too long to be read
    };

    Kind kind = Kind::absent;
    std::string text;

    void clear() {
        kind = Kind::absent;
        text.clear();
    }
};

} // namespace medibridge::connectors
