#pragma once

#include <cstddef>

namespace medibridge {

/// How much memory this process takes at most from here on, as the kernel counts it (Linux
/// proc(5): VmHWM, which is reset here). Says nothing under sanitizers, which have an allocator of
/// their own.
class PeakMemory {
  public:
    PeakMemory();

    /// What the peak lies above the start, in MiB.
    std::size_t mib() const;
    /// What is resident now above the start, in MiB, without what the allocator could give back.
    std::size_t kept_mib() const;

  private:
    std::size_t at_start_kib_;
};

} // namespace medibridge
