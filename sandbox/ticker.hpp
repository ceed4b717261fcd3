#pragma once

#include "sandbox/times.hpp"

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

namespace medibridge::sandbox {

/// Does something again and again on the io_context's thread.
class Ticker {
  public:
    /// `period`, in milliseconds, is looked at before each wait and must outlive the ticker; 0
    /// waits until wake().
    Ticker(boost::asio::io_context& io, const Millis& period, std::function<void()> act);
    /// As stop().
    ~Ticker();
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    /// Reads the period again.
    void wake();
    /// Acts no more.
    void stop();

  private:
    class Timer;
    std::shared_ptr<Timer> timer_;
};

} // namespace medibridge::sandbox
