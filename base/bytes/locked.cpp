#include "base/bytes/locked.hpp"

#include <cstddef>
#include <new>
#include <sodium.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace medibridge::base {

void* allocate_locked(std::size_t bytes) {
    // It ends at a guard page: only a whole number of these is aligned for every type.
    constexpr std::size_t grain = alignof(std::max_align_t);
    const std::size_t whole = (bytes + grain - 1) / grain * grain;
    void* const memory = sodium_init() < 0 ? nullptr : sodium_malloc(whole);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void free_locked(void* memory) noexcept {
    sodium_free(memory);
}

void wipe(void* memory, std::size_t bytes) noexcept {
    sodium_memzero(memory, bytes);
}

void keep_memory_private() {
    // Neither can fail for a process that only gives something up.
    constexpr rlimit none{0, 0};
    static_cast<void>(::setrlimit(RLIMIT_CORE, &none));
    static_cast<void>(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
}

} // namespace medibridge::base
