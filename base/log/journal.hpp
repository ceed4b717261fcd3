#pragma once

#include "base/bytes/descriptor.hpp"
#include "base/log/line.hpp"

#include <string>
#include <string_view>

namespace medibridge::log {

/// Whether what is written to the descriptor goes to journald: `journal_stream` is systemd's
/// $JOURNAL_STREAM, device and inode of the socket that it gave (systemd.exec(5)).
bool is_journal(int descriptor, std::string_view journal_stream);

/// journald's own protocol (systemd's "Native Journal Protocol"): an event with its priority, and
/// its fields one by one, so that `journalctl MEDIBRIDGE_EVENT=auth.refused` finds it.
class Journal {
  public:
    static constexpr const char* usual_socket = "/run/systemd/journal/socket";

    explicit Journal(const std::string& socket = usual_socket);

    /// Sends the event with MESSAGE=, PRIORITY=, MEDIBRIDGE_EVENT= and a MEDIBRIDGE_ field for each
    /// of its own. False if journald did not take it: the line then goes where others go. Waits
    /// while journald is behind, as a write to its stream does.
    bool send(const Event& event, std::string_view message, const Pseudonym& pseudonym);

  private:
    bool send_bytes() const;

    std::string path_;
    base::Descriptor socket_;
    std::string bytes_; ///< reused, to keep its memory
};

} // namespace medibridge::log
