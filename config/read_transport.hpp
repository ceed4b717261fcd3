#pragma once

#include "config/values.hpp"

/// Internal to the room.
namespace medibridge::config {

/// How long one request to a source may take.
inline constexpr DurationRange source_timeout_range{std::chrono::milliseconds(10),
                                                    std::chrono::hours(1)};

/// The keys of every source that is asked over HTTP: `timeout`, `ca_file`, `proxy`.
template <class Source>
void read_transport(Section& section, Source& out) {
    Report& report = section.report();
    if (const auto timeout = section.find("timeout"))
        assign(out.timeout, read_duration(*timeout, report, source_timeout_range));
    if (const auto file = section.find("ca_file")) assign(out.ca_file, read_ca_file(*file, report));
    if (const auto proxy = section.find("proxy")) out.proxy = read_proxy(*proxy, report);
}

} // namespace medibridge::config
