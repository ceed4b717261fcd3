#include "peers/tell.hpp"

#include <cstdio>
#include <cstring>
#include <unistd.h>

/// Tells the service, whose user namespace hides the machine's users from it, who is at the other
/// end of a socket. It listens at its standard input, reads nothing of what clients send, and keeps
/// nothing.
int main() {
    const int error = medibridge::peers::tell_whoever_asks(STDIN_FILENO);
    std::fprintf(stderr,
                 "medibridge-peers: cannot accept at standard input: %s; it is begun by "
                 "medibridge-peers.socket\n",
                 std::strerror(error));
    return 1;
}
