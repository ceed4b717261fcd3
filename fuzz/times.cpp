#include "base/http/timing_headers.hpp"
#include "connectors/mapping/text_format.hpp"
#include "fuzz/targets.hpp"
#include "reconcile/assess.hpp"
#include "reconcile/instant.hpp"

#include <algorithm>
#include <stdexcept>

namespace medibridge::fuzz {

/// The first line is a format, the rest a text of it, or any date.
void read_dates(std::string_view bytes) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const auto format = bytes.substr(0, end);
    const auto text = bytes.substr(std::min(end + 1, bytes.size()));
    const auto read = reconcile::parse_rfc3339(text);
    if (read) {
        const auto again = reconcile::parse_rfc3339(
            reconcile::format_rfc3339(read->instant, reconcile::Precision::milliseconds));
        require(again && again->instant == read->instant);
    }
    try {
        static const connectors::TimeZone zone("Europe/Paris");
        const connectors::TextFormat its(format);
        its.read(text);
        its.read_date(text);
        its.write(reconcile::Instant(std::chrono::seconds(1'770'000'000)), zone);
    } catch (const std::invalid_argument&) { // what is wrong with the format
    }
}

/// Four lines: Retry-After, Date, and how many requests remain until when.
void read_retry_after(std::string_view bytes) {
    http::PacingHeaders headers;
    for (auto* header : {&headers.retry_after, &headers.date, &headers.remaining, &headers.reset}) {
        const auto end = std::min(bytes.find('\n'), bytes.size());
        *header = bytes.substr(0, end);
        bytes.remove_prefix(std::min(end + 1, bytes.size()));
        http::parse_http_date(*header);
    }
    for (const bool refused : {true, false}) {
        const auto pause = http::requested_pause(headers, refused);
        if (pause) require(pause->count() >= 0 && *pause <= http::longest_pause);
    }
}

} // namespace medibridge::fuzz
