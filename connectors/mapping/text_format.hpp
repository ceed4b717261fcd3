#pragma once

#include "config/time_format.hpp"
#include "connectors/mapping/time_text.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Reads and writes texts of one date and time format (config/time_format.hpp). A fraction behind
/// %S may be there without being named.
class TextFormat {
  public:
    /// Throws std::invalid_argument: what is wrong with the format, and how to fix it.
    explicit TextFormat(std::string_view format) : format_(format) {}

    /// Reads the whole text, without spaces around it. Nothing if it does not fit, or if there is
    /// no such date or time.
    std::optional<CivilTime> read(std::string_view text) const;

    /// The date of a text that fits, or fits up to a time of day that the format does not name; it
    /// is taken as it is written, whatever the offset.
    std::optional<CivilTime> read_date(std::string_view text) const;

    /// Writes `instant`, floored to what the format can show. A format without an offset shows the
    /// clock of `zone`, in such a way that no later moment is written as an earlier one.
    std::string write(reconcile::Instant instant, const TimeZone& zone) const;

    const config::TimeFormat& format() const { return format_; }

  private:
    using Item = config::TimeFormat::Item;
    using Step = config::TimeFormat::Step;
    struct Parts;

    bool read_step(const Step& step, TextCursor& cursor, Parts& parts) const;
    bool read_steps(TextCursor& cursor, Parts& parts) const;
    static void write_step(const Step& step, const Parts& parts, std::string& out);

    config::TimeFormat format_;
};

} // namespace medibridge::connectors
