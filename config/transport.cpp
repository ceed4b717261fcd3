#include "config/transport.hpp"

#include "config/section.hpp"
#include "config/values.hpp"

namespace medibridge::config {

void read_transport(Section& section, TransportSettings& out) {
    Report& report = section.report();
    if (const auto timeout = section.find("timeout"))
        assign(out.timeout, read_duration(*timeout, report, timeout_range));
    if (const auto file = section.find("ca_file")) assign(out.ca_file, read_ca_file(*file, report));
    if (const auto proxy = section.find("proxy")) out.proxy = read_proxy(*proxy, report);
}

} // namespace medibridge::config
