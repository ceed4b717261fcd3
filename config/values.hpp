#pragma once

#include "base/http/url.hpp"
#include "config/section.hpp"
#include "config/value_types.hpp"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Readers of single values. Each reports what is wrong and then returns nothing.
namespace medibridge::config {

/// Text that is not empty.
std::optional<std::string> read_text(const Value& value, Report& report);

struct DurationRange {
    Duration least;
    Duration most;
    bool zero = false; ///< 0 is allowed too, for "never" or "none"
};
/// `500ms 30s 5m 24h`, also `0s`.
std::optional<Duration> read_duration(const Value& value, Report& report, DurationRange range);

/// For one request to a server.
inline constexpr DurationRange timeout_range{std::chrono::milliseconds(10), std::chrono::hours(1)};
/// Records that a source is asked for at a time.
inline constexpr std::int64_t max_page_size = 10'000;

std::optional<std::int64_t> read_integer(const Value& value, Report& report, std::int64_t least,
                                         std::int64_t most);
/// A decimal fraction such as `0.3`.
std::optional<double> read_number(const Value& value, Report& report, double least, double most);

/// An absolute http or https URL.
std::optional<http::Url> read_url(const Value& value, Report& report);
/// An http proxy: its URL without a path, or `{url, user, password}` with a secret of its own.
std::optional<http::Proxy> read_proxy(const Value& value, Report& report);
/// `ADDRESS:PORT`; the address is an IP address (v6 in brackets) or `localhost`.
std::optional<ListenAddress> read_listen(const Value& value, Report& report);
/// A PEM file with a certificate that can be read.
std::optional<std::string> read_ca_file(const Value& value, Report& report);
/// A PEM file with a certificate revocation list that can be read.
std::optional<std::string> read_crl_file(const Value& value, Report& report);
/// A zone of the system's tz database.
std::optional<std::string> read_timezone(const Value& value, Report& report);

bool is_loopback(std::string_view host);

/// One of fixed words.
template <class T>
std::optional<T> read_word(const Value& value, Report& report,
                           std::initializer_list<std::pair<std::string_view, T>> words) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    std::vector<std::string_view> known;
    for (const auto& [word, meaning] : words) {
        if (word == *text) return meaning;
        known.push_back(word);
    }
    report.mistake(value.place,
                   quote(value.path) + " cannot be " + quote(*text) + suggestion(*text, known));
    return std::nullopt;
}

/// Stores what was read, or leaves the default.
template <class T, class U>
void assign(T& target, std::optional<U> read) {
    if (read) target = static_cast<T>(std::move(*read));
}

} // namespace medibridge::config
