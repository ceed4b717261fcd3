#include "base/bytes/locked.hpp"
#include "ctl/local_api.hpp"
#include "ctl/run.hpp"
#include "daemon/local_files.hpp"

#include <csignal>

int main(int argc, char** argv) {
    // A daemon that ends while it is written to is an error of that write.
    std::signal(SIGPIPE, SIG_IGN);
    // A limit on file size, like a full disk, must be an error of a write of the state, too.
    std::signal(SIGXFSZ, SIG_IGN);
    auto surroundings = medibridge::ctl::process_surroundings();
    surroundings.open_state = [environment = surroundings.environment](const auto& config) {
        // From here on this program holds what the daemon holds.
        medibridge::base::keep_memory_private();
        return medibridge::ctl::open_local_api(config, environment);
    };
    surroundings.open_trial = [environment = surroundings.environment](const auto& config) {
        medibridge::base::keep_memory_private();
        return medibridge::ctl::open_trial_api(config, environment);
    };
    surroundings.mistakes_of = [environment = surroundings.environment](const auto& text) {
        return medibridge::daemon::mistakes_of(text, environment);
    };
    return static_cast<int>(medibridge::ctl::run(argc, argv, surroundings));
}
