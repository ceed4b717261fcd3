#pragma once

#include "sandbox/his_store.hpp"
#include "sandbox/settings.hpp"
#include "sandbox/times.hpp"

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace medibridge::sandbox {

/// What became of the messages.
struct Hl7Stats {
    std::uint64_t queued = 0; ///< not answered yet
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0; ///< `AR` or `CR`: not sent again
    std::uint64_t resent = 0;  ///< for `AE`, no answer in time, or a connection that ended
};

/// Tells an MLLP listener of the HIS's patients, all of them first and then whoever changed: one
/// message at a time, each until it is answered, as a HIS's interface engine does. With a file, the
/// messages of that instead.
class Hl7Sender {
  public:
    /// `store` must outlive it; `now` dates the messages. Throws std::runtime_error for a file that
    /// cannot be read.
    Hl7Sender(boost::asio::io_context& io, const Hl7Sending& settings, const HisStore& store,
              std::function<Millis()> now);
    /// As stop().
    ~Hl7Sender();
    Hl7Sender(const Hl7Sender&) = delete;
    Hl7Sender& operator=(const Hl7Sender&) = delete;

    /// Patients whose messages are not sent yet count as queued.
    Hl7Stats stats() const;
    void stop();

  private:
    class Work;
    std::shared_ptr<Work> work_;
};

} // namespace medibridge::sandbox
