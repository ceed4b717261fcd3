#pragma once

#include <span>
#include <string_view>

/// What reads bytes of others, as functions of any bytes: they must come back, whatever it is, with
/// what they promise. The same functions are run by libFuzzer (main.cpp) and, over seeds and former
/// findings, by the tests (tests/fuzz).
namespace medibridge::fuzz {

struct Target {
    std::string_view name;
    void (*run)(std::string_view bytes);
    std::string_view seeds; ///< ending of the files of the corpus that it begins with; empty: none
};

std::span<const Target> targets();

/// Ends the program unless what a parser promises holds: in any build.
void require(bool holds);

void read_hl7_frames(std::string_view bytes);
void read_hl7_message(std::string_view bytes);
void read_hl7_batch(std::string_view bytes);
void read_medicapp_json(std::string_view bytes);
void read_fhir_json(std::string_view bytes);
void read_json_records(std::string_view bytes);
void read_dates(std::string_view bytes);
void read_retry_after(std::string_view bytes);
void read_csv(std::string_view bytes);
void read_configuration(std::string_view bytes);
void read_http_answer(std::string_view bytes);
void serve_http(std::string_view bytes);
void read_control_body(std::string_view bytes);
void read_state_rows(std::string_view bytes);

} // namespace medibridge::fuzz
