#include "base/bytes/locked.hpp"
#include "base/files/content.hpp"
#include "base/runtime/allocation.hpp"
#include "config/document.hpp"
#include "config/load.hpp"
#include "config/secret.hpp"
#include "config/site.hpp"
#include "connectors/kinds/kinds.hpp"
#include "control/access.hpp"
#include "control/doctor/source.hpp"
#include "daemon/command_line.hpp"
#include "daemon/failures.hpp"
#include "daemon/once.hpp"
#include "daemon/print_config.hpp"
#include "daemon/refusal.hpp"
#include "daemon/service.hpp"
#include "daemon/service_user.hpp"
#include "daemon/telling.hpp"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <iostream>

namespace {

using medibridge::config::Settings;
using medibridge::daemon::CommandLine;
using medibridge::daemon::ExitCode;
using medibridge::daemon::tell_advice;
using medibridge::daemon::tell_error;

bool has_source(const Settings& settings, const std::string& name) {
    return std::ranges::any_of(settings.his,
                               [&](const auto& source) { return source.name == name; });
}

/// Secrets that only the service is given are no mistake of a configuration that is only looked at.
medibridge::config::Loaded load(const CommandLine& arguments) {
    using medibridge::config::ReadFor;
    const bool only_looks = arguments.check_config || arguments.print_config;
    auto loaded = medibridge::config::load(
        arguments.config, medibridge::config::process_environment(),
        medibridge::connectors::source_kinds(), only_looks ? ReadFor::check : ReadFor::use);
    if (arguments.skip_credentials) {
        loaded.unseen.clear();
        std::erase_if(loaded.mistakes, [](const auto& mistake) {
            return mistake.to_string().contains(medibridge::config::of_credentials_directory);
        });
    }
    return loaded;
}

/// What the check of a configuration says besides its mistakes.
ExitCode check(const CommandLine& arguments, const medibridge::config::Loaded& loaded) {
    const auto file = arguments.config.string();
    for (const auto& advice : loaded.advice)
        tell_advice(advice.to_string());
    for (const auto& source : loaded.settings->his) {
        const auto folder = medibridge::control::doctor::folder_of(source);
        const auto why = medibridge::config::why_unit_cannot_write(folder, arguments.config);
        if (!why.empty())
            tell_advice(file + ": source " + source.name + ": the folder " + folder.string() + ' ' +
                        why);
    }
    const auto unknown = medibridge::control::unknown_deciders(loaded.settings->control.decide);
    if (!unknown.empty())
        tell_advice(file + ": " + unknown + "; " +
                    medibridge::control::remedy_for_unknown_deciders);
    const auto for_service =
        medibridge::daemon::check_for_service_user(arguments, *loaded.settings);
    if (for_service != ExitCode::ok) return for_service;
    for (const auto& unseen : loaded.unseen)
        std::cout << unseen.to_string() << ": not checked here\n";
    std::cout << file << ": no mistakes\n";
    if (!loaded.unseen.empty())
        std::cout << "The credentials above are checked, too, by: "
                  << medibridge::daemon::check_with_credentials(arguments.config) << '\n';
    return ExitCode::ok;
}

ExitCode run(const CommandLine& arguments) {
    auto loaded = load(arguments);
    // Of what was skipped the settings lack something: nothing else can be looked at.
    if (arguments.skip_credentials && !loaded.settings && loaded.mistakes.empty())
        return ExitCode::ok;
    for (const auto& mistake : loaded.mistakes)
        tell_error(mistake.to_string());
    if (arguments.skip_credentials && !loaded.mistakes.empty())
        medibridge::daemon::log_refused_reload(loaded.mistakes);
    if (!loaded.settings) return ExitCode::configuration;
    if (arguments.print_config) {
        const auto text =
            medibridge::files::read_given(arguments.config, medibridge::config::max_document_size);
        if (!text) return ExitCode::configuration;
        medibridge::daemon::print_config(*text, arguments.config.string(), std::cout);
        return ExitCode::ok;
    }
    if (arguments.check_config) return check(arguments, loaded);
    if (!arguments.source.empty() && !has_source(*loaded.settings, arguments.source)) {
        tell_error("--source: the configuration has no source named \"" + arguments.source + "\"");
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
    const auto code = medibridge::daemon::with_failures_reported(
        parsed.arguments.config, [&] { return run(parsed.arguments); });
    return static_cast<int>(code);
}
