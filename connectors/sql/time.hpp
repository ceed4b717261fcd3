#pragma once

#include "config/fields.hpp"
#include "connectors/mapping/text_format.hpp"
#include "connectors/mapping/time_zone.hpp"
#include "connectors/sql/dialect.hpp"
#include "reconcile/instant.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::connectors {

/// The texts of a column of modification times, as they are compared with one another.
class SqlTime {
  public:
    /// Throws std::invalid_argument for a format or a zone that cannot be used.
    SqlTime(const config::FieldPlace& place, std::string_view zone_name);

    /// The texts to begin with everything, to be tried in this order: in the column's format if
    /// one is given, else those of the database.
    std::vector<std::string> beginnings(const SqlDialect& dialect) const;

    /// Whether times as old as this are asked for from the beginning: not every column holds them.
    static bool is_of_old(reconcile::Instant since);

    /// The text to ask from.
    ///
    /// In the column's format if one is given. Else `YYYY-MM-DD HH:MM:SS`, with a fraction where
    /// there is one, written as short as it goes, so that it is the least of all texts of that
    /// moment also where times are compared as texts. `with_offset`: in UTC with `+00:00`; without,
    /// what the zone's clock shows or, in the hour that it shows twice, the beginning of that hour:
    /// no later moment has a lesser text.
    std::string bound(reconcile::Instant since, bool with_offset) const;

    /// Whether bound() can be written either way.
    bool may_have_offset() const { return !format_; }

    struct Position {
        std::chrono::milliseconds at; ///< rises along a column, in the column's own order
        bool has_offset = false;
    };
    /// Nothing for a text that is no time.
    std::optional<Position> position(std::string_view text) const;

    /// What stands for a moment that cannot be written in four digits of a year.
    enum class Beyond {
        none,     ///< it does not
        before,   ///< `-infinity`, before Christ, the day 0
        for_ever, ///< `infinity`, a year of five digits
    };
    static Beyond beyond(std::string_view text);

  private:
    std::optional<TextFormat> format_;
    TimeZone zone_;
};

} // namespace medibridge::connectors
