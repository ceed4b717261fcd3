#include "ctl/run.hpp"

#include <csignal>

int main(int argc, char** argv) {
    // A daemon that ends while it is written to is an error of that write.
    std::signal(SIGPIPE, SIG_IGN);
    return static_cast<int>(
        medibridge::ctl::run(argc, argv, medibridge::ctl::process_surroundings()));
}
