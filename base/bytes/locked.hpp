#pragma once

#include <cstddef>
#include <vector>

/// Memory for keys and secrets, and this process's memory as others see it.
namespace medibridge::base {

/// Memory that is never swapped out nor part of a core dump, with guard pages around it
/// (libsodium's sodium_malloc). Where the system locks no more memory (RLIMIT_MEMLOCK) it is not
/// locked. Throws std::bad_alloc.
void* allocate_locked(std::size_t bytes);
/// Wipes it first.
void free_locked(void* memory) noexcept;

/// Puts what a container or std::allocate_shared makes into such memory.
template <class T>
class LockedAllocator {
  public:
    using value_type = T;

    LockedAllocator() = default;
    template <class Other>
    explicit LockedAllocator(const LockedAllocator<Other>&) {}

    T* allocate(std::size_t count) { return static_cast<T*>(allocate_locked(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t) noexcept { free_locked(memory); }
    bool operator==(const LockedAllocator&) const = default;
};

using LockedBytes = std::vector<char, LockedAllocator<char>>;

/// Overwrites what `bytes` at `memory` hold, also where nobody reads them afterwards.
void wipe(void* memory, std::size_t bytes) noexcept;

/// From here on no core dump is written, and other processes of the same user can neither read this
/// process's memory nor attach a debugger to it. For a program that holds keys; call it first.
void keep_memory_private();

} // namespace medibridge::base
