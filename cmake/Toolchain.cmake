# What every target shares: the language, the warnings, the sanitizers, ccache.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without the sloppiness ccache refuses every file that uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

set(MEDIBRIDGE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=: address,undefined or thread")

add_library(medibridge_options INTERFACE)
target_compile_options(medibridge_options INTERFACE -Wall -Wextra -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 reports coroutine frames as mismatched new and delete from -O1 on (a false positive),
    # and -fpch-preprocess lets ccache see through precompiled headers.
    target_compile_options(medibridge_options INTERFACE
        -Wno-mismatched-new-delete -Wno-tsan -fpch-preprocess)
    # These depend on what the optimiser inlines, and g++ 12 raises them inside the standard library:
    # shown, but no error.
    foreach(warning maybe-uninitialized array-bounds stringop-overflow stringop-overread restrict
                    free-nonheap-object dangling-pointer use-after-free nonnull)
        target_compile_options(medibridge_options INTERFACE -Wno-error=${warning})
    endforeach()
else()
    # g++ 12's libstdc++ emits DWARF 5 that binutils of Debian 12 reads only in part from clang 14.
    target_compile_options(medibridge_options INTERFACE -gdwarf-4)
endif()
if(MEDIBRIDGE_SANITIZE)
    target_compile_options(medibridge_options INTERFACE
        -fsanitize=${MEDIBRIDGE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(medibridge_options INTERFACE -fsanitize=${MEDIBRIDGE_SANITIZE})
endif()
