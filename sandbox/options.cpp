#include "sandbox/options.hpp"

#include "sandbox/fault.hpp"
#include "sandbox/switches.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <map>
#include <stdexcept>
#include <string>

namespace medibridge::sandbox {

namespace {

constexpr int usage_error = 64;

void add_switches(CLI::App& app, Settings& settings) {
    for (const auto& entry : switches()) {
        const auto take = [&settings, &entry](const std::string& text) {
            if (const auto mistake = set_switch(settings, entry.name, text))
                throw CLI::ValidationError("--" + *mistake);
        };
        app.add_option_function<std::string>("--" + std::string(entry.name), take,
                                             std::string(entry.help))
            ->type_name(std::string(entry.values));
    }
}

/// `HOST:PORT`
void read_mllp(const std::string& text, Hl7Sending& out) {
    const auto colon = text.rfind(':');
    const auto port = colon == std::string::npos ? std::string() : text.substr(colon + 1);
    const auto* end = port.data() + port.size();
    const auto [stop, failure] = std::from_chars(port.data(), end, out.port);
    if (port.empty() || failure != std::errc() || stop != end)
        throw CLI::ValidationError("--mllp must be ADDRESS:PORT");
    out.host = text.substr(0, colon);
}

void add_population(CLI::App& app, Population& population) {
    app.add_option("--patients", population.patients, "invented patients in the HIS (1000)")
        ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{10'000'000}));
    app.add_option("--his-data", population.his_data,
                   "read the HIS's patients from this FHIR NDJSON or CSV file instead")
        ->check(CLI::ExistingFile);
    app.add_option("--invalid-share", population.invalid_share,
                   "share of the invented patients that cannot be sent (0.01)")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--preload", population.preload,
                   "share of the HIS's patients that Medicapp already has, linked (0)")
        ->check(CLI::Range(0.0, 1.0));
    app.add_option("--preload-unlinked", population.preload_unlinked,
                   "share that Medicapp has without an externalId (0)")
        ->check(CLI::Range(0.0, 1.0));
}

void add_his_type(CLI::App& app, Settings& settings) {
    const std::map<std::string, HisType> types{{"rest", HisType::rest},
                                               {"fhir", HisType::fhir},
                                               {"csv", HisType::csv},
                                               {"hl7v2", HisType::hl7v2}};
    app.add_option("--his-type", settings.his_type,
                   "how the HIS provides its patients: rest, fhir, csv files in a folder, or hl7v2 "
                   "messages (rest)")
        ->transform(CLI::CheckedTransformer(types));
    const auto take = [&settings](const std::string& text) { read_mllp(text, settings.hl7); };
    app.add_option_function<std::string>(
           "--mllp", take, "where --his-type hl7v2 sends its messages (127.0.0.1:2575)")
        ->type_name("ADDRESS:PORT");
    app.add_option("--hl7-file", settings.hl7.file,
                   "send the HL7 messages of this file instead of the patients")
        ->check(CLI::ExistingFile);
    app.add_option("--drop-directory", settings.drop_directory,
                   "the folder of a HIS of type csv; it is created if it is missing");
}

/// What is wrong with options that are each right by themselves; empty if nothing is.
std::string mistake_between(const Settings& settings) {
    const bool drops = settings.his_type == HisType::csv;
    if (drops == !settings.drop_directory.empty()) return {};
    return drops ? "--his-type csv needs --drop-directory"
                 : "--drop-directory needs --his-type csv";
}

void add_all(CLI::App& app, Options& options) {
    auto& settings = options.settings;
    app.add_option("--seed", settings.seed, "the same seed gives the same patients and faults (1)");
    app.add_option_function<std::uint16_t>(
           "--port",
           [&settings](std::uint16_t port) {
               // Three ports in a row, or three free ones.
               settings.ports.medicapp = port;
               settings.ports.his = port == 0 ? 0 : static_cast<std::uint16_t>(port + 1);
               settings.ports.control = port == 0 ? 0 : static_cast<std::uint16_t>(port + 2);
           },
           "Medicapp's port; the HIS and the control API take the next two; 0: free ones (0)")
        ->check(CLI::Range(0, 65533))
        ->trigger_on_parse();
    app.add_option("--medicapp-port", settings.ports.medicapp, "Medicapp's port, 0: a free one");
    app.add_option("--his-port", settings.ports.his, "the HIS's port, 0: a free one");
    app.add_option("--control-port", settings.ports.control, "the control API's, 0: a free one");
    app.add_option("--write-config", options.write_config,
                   "write a configuration for medibridged, and its secrets in files beside it");
    app.add_option("--fault", settings.faults,
                   "[SIDE/]REQUEST:WHEN:WHAT, such as POST:5:reset-after or his/ANY:2%:502; "
                   "may be given again")
        ->expected(1)
        ->take_all();
    add_his_type(app, settings);
    add_population(app, settings.population);
    add_switches(app, settings);
}

} // namespace

std::optional<Options> read_options(int argc, char** argv, int& exit_code) {
    Options options;
    CLI::App app("A simulated Medicapp v5 and a simulated HIS on 127.0.0.1.", "medibridge-sandbox");
    add_all(app, options);
    try {
        app.parse(argc, argv);
        FaultScript(0).replace(options.settings.faults);
        const auto mistake = mistake_between(options.settings);
        if (!mistake.empty()) throw CLI::ValidationError(mistake);
    } catch (const CLI::ParseError& error) {
        exit_code = app.exit(error) == 0 ? 0 : usage_error;
        return std::nullopt;
    } catch (const std::invalid_argument& error) {
        app.exit(CLI::ValidationError("--fault", error.what()));
        exit_code = usage_error;
        return std::nullopt;
    }
    return options;
}

} // namespace medibridge::sandbox
