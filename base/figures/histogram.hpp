#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

/// What the service counts while it works. Plain values: whoever shows them to a monitoring system
/// knows its format, and nobody here does. All of it on the io thread.
namespace medibridge::figures {

/// How often something took how long: counts by upper bounds, as Prometheus' histograms have them.
class Histogram {
  public:
    /// Upper bounds in seconds, rising, of static storage.
    explicit Histogram(std::span<const double> bounds)
        : bounds_(bounds),
          counts_(bounds.size() + 1) {}

    /// A negative value counts as 0.
    void note(double seconds);

    std::span<const double> bounds() const { return bounds_; }
    /// Of values up to each bound and above the one before it; the last: above all bounds.
    const std::vector<std::int64_t>& counts() const { return counts_; }
    double sum() const { return sum_; }
    std::int64_t count() const;

  private:
    std::span<const double> bounds_;
    std::vector<std::int64_t> counts_;
    double sum_ = 0;
};

/// Of requests over a network.
inline constexpr std::array request_bounds{0.005, 0.01, 0.025, 0.05, 0.1,  0.25,
                                           0.5,   1.0,  2.5,   5.0,  10.0, 30.0};
/// Of what waits for the disk.
inline constexpr std::array commit_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,   0.25,   0.5,   1.0,  2.5,   10.0};
/// Of cycles, from an idle one to a first load.
inline constexpr std::array cycle_bounds{0.1,  0.5,   1.0,   5.0,    15.0,   60.0,
                                         300., 900.0, 3600., 14400., 86400.0};

} // namespace medibridge::figures
