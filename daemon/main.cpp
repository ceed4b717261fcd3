#include "base/bytes/locked.hpp"
#include "base/files/content.hpp"
#include "base/runtime/allocation.hpp"
#include "config/document.hpp"
#include "config/load.hpp"
#include "config/secret.hpp"
#include "connectors/kinds/kinds.hpp"
#include "control/access.hpp"
#include "daemon/command_line.hpp"
#include "daemon/failures.hpp"
#include "daemon/once.hpp"
#include "daemon/print_config.hpp"
#include "daemon/service.hpp"
#include "daemon/service_user.hpp"

#include <algorithm>
#include <csignal>
#include <iostream>

namespace {

using medibridge::config::Settings;
using medibridge::daemon::CommandLine;
using medibridge::daemon::ExitCode;

bool has_source(const Settings& settings, const std::string& name) {
    return std::ranges::any_of(settings.his,
                               [&](const auto& source) { return source.name == name; });
}

ExitCode run(const CommandLine& arguments) {
    auto loaded =
        medibridge::config::load(arguments.config, medibridge::config::process_environment(),
                                 medibridge::connectors::source_kinds());
    if (arguments.skip_credentials) {
        std::erase_if(loaded.mistakes, [](const auto& mistake) {
            return mistake.to_string().contains(medibridge::config::of_credentials_directory);
        });
        if (!loaded.settings && loaded.mistakes.empty()) return ExitCode::ok;
    }
    for (const auto& mistake : loaded.mistakes)
        std::cerr << mistake.to_string() << '\n';
    if (!loaded.settings) return ExitCode::configuration;
    if (arguments.print_config) {
        const auto text =
            medibridge::files::read_given(arguments.config, medibridge::config::max_document_size);
        if (!text) return ExitCode::configuration;
        medibridge::daemon::print_config(*text, arguments.config.string(), std::cout);
        return ExitCode::ok;
    }
    if (arguments.check_config) {
        for (const auto& advice : loaded.advice)
            std::cout << advice.to_string() << '\n';
        const auto unknown = medibridge::control::unknown_deciders(loaded.settings->control.decide);
        if (!unknown.empty())
            std::cout << arguments.config.string() << ": " << unknown << "; "
                      << medibridge::control::remedy_for_unknown_deciders << '\n';
        const auto for_service =
            medibridge::daemon::check_for_service_user(arguments, *loaded.settings);
        if (for_service != ExitCode::ok) return for_service;
        std::cout << arguments.config.string() << ": no mistakes\n";
        return ExitCode::ok;
    }
    if (!arguments.source.empty() && !has_source(*loaded.settings, arguments.source)) {
        std::cerr << "--source: the configuration has no source named \"" << arguments.source
                  << "\"\n";
        return ExitCode::usage;
    }
    if (arguments.once) return run_once(arguments, *loaded.settings);
    return run_service(arguments, std::move(*loaded.settings));
}

} // namespace

int main(int argc, char** argv) {
    medibridge::runtime::return_freed_memory();
    medibridge::base::keep_memory_private();
    // A peer that closes its end must be an error of a write, not the end of the program.
    std::signal(SIGPIPE, SIG_IGN);
    // A limit on file size, like a full disk, must be an error of a write too.
    std::signal(SIGXFSZ, SIG_IGN);
    const auto parsed = medibridge::daemon::parse_command_line(argc, argv);
    if (parsed.exit) return static_cast<int>(*parsed.exit);
    const auto code =
        medibridge::daemon::with_failures_reported([&] { return run(parsed.arguments); });
    return static_cast<int>(code);
}
