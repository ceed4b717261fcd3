#include "base/runtime/allocation.hpp"

#include <malloc.h>

namespace medibridge::runtime {

void return_freed_memory() {
    // Bytes. The records of a page of 500 take less: such blocks are used again for the next page,
    // where a mapping of its own is filled with zeros by the system each time.
    constexpr int large = 2 << 20;
    constexpr int kept = 4 << 20; // bytes at the end of the heap
    constexpr int arenas = 2;     // the io thread's, and one for all workers
    // A refusal changes nothing but how much memory is kept.
    static_cast<void>(mallopt(M_MMAP_THRESHOLD, large));
    static_cast<void>(mallopt(M_TRIM_THRESHOLD, kept));
    static_cast<void>(mallopt(M_ARENA_MAX, arenas));
}

} // namespace medibridge::runtime
