#include "fuzz/targets.hpp"

#include <array>
#include <cstdlib>

namespace medibridge::fuzz {

std::span<const Target> targets() {
    static constexpr std::array<Target, 14> all{{
        {"hl7_frames", read_hl7_frames, ".bin"},
        {"hl7_message", read_hl7_message, ".hl7"},
        {"hl7_batch", read_hl7_batch, ".hl7"},
        {"medicapp_json", read_medicapp_json, ""},
        {"fhir_json", read_fhir_json, ".json"},
        {"json_records", read_json_records, ".json"},
        {"dates", read_dates, ""},
        {"retry_after", read_retry_after, ""},
        {"csv", read_csv, ".csv"},
        {"configuration", read_configuration, ""},
        {"http_answer", read_http_answer, ""},
        {"http_server", serve_http, ""},
        {"control_body", read_control_body, ""},
        {"state_rows", read_state_rows, ""},
    }};
    return all;
}

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace medibridge::fuzz
