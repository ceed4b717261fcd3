#pragma once

namespace medibridge::runtime {

/// Makes the allocator give large blocks back to the system as soon as they are freed, in this
/// whole process: to be called once, at the start of main(). By itself glibc keeps up to 64 MiB of
/// what a large answer took, for good, and as much again for each thread (mallopt(3)).
void return_freed_memory();

} // namespace medibridge::runtime
