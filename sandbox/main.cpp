#include "sandbox/options.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/world.hpp"
#include "sandbox/write_config.hpp"

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <iostream>

namespace {

namespace sandbox = medibridge::sandbox;

constexpr int failed = 70;

/// One line, so that a script can wait for it.
void announce(const sandbox::Sandbox& running) {
    std::string line;
    sandbox::JsonObject object(line, sandbox::Absent::omit);
    object.text("medicapp", running.medicapp_url());
    object.text("his", running.his_url());
    object.text("control", running.control_url());
    object.text("api_key", running.api_key());
    object.close();
    std::cout << line << std::endl;
}

void run(const sandbox::Options& options) {
    boost::asio::io_context io(1);
    boost::asio::signal_set signals(io, SIGTERM, SIGINT);
    sandbox::Sandbox running(io, options.settings);
    signals.async_wait([&running](boost::system::error_code, int) { running.stop(); });
    const auto& loaded = running.world().loaded;
    if (loaded.skipped > 0)
        std::cerr << "medibridge-sandbox: " << loaded.skipped
                  << " records of the file are not patients or have no identifier\n";
    if (!options.write_config.empty()) sandbox::write_config(options.write_config, running);
    announce(running);
    io.run();
}

} // namespace

int main(int argc, char** argv) {
    int exit_code = 0;
    const auto options = sandbox::read_options(argc, argv, exit_code);
    if (!options) return exit_code;
    try {
        run(*options);
    } catch (const std::exception& error) {
        std::cerr << "medibridge-sandbox: " << error.what() << '\n';
        return failed;
    }
    return 0;
}
