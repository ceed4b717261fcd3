#pragma once

#include "connectors/source/environment.hpp"
#include "connectors/web/http_source.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace medibridge::tests {

/// For a source that runs once, by the machine's date, and to which nobody pushes.
inline connectors::SourceEnvironment source_environment(std::string name,
                                                        boost::asio::any_io_executor executor,
                                                        runtime::Clock& clock, log::EventLog& log,
                                                        std::uint64_t seed = 1) {
    return {.name = std::move(name),
            .executor = std::move(executor),
            .clock = clock,
            .log = log,
            .seed = seed,
            .wall_clock = [] {
                return std::chrono::floor<std::chrono::milliseconds>(
                    std::chrono::system_clock::now());
            }};
}

/// One transport to all servers, which outlives them.
class OneTransport : public connectors::Transports {
  public:
    explicit OneTransport(http::Transport& transport) : transport_(transport) {}
    http::Transport& to(const http::Url& /*server*/) override { return transport_; }
    void cancel() override {}

  private:
    http::Transport& transport_;
};

} // namespace medibridge::tests
