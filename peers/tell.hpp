#pragma once

namespace medibridge::peers {

/// Answers one question after the other at a listening SOCK_SEQPACKET socket, until that fails: the
/// error number. Who asks nothing, or something else, is cut off after a second at most.
int tell_whoever_asks(int listener);

} // namespace medibridge::peers
