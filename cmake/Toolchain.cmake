# What every target shares: the language, the warnings, the sanitizers, ccache.
set(CMAKE_CXX_STANDARD 23)
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

# Not every compiler compiles coroutines right: docs/decisions/0002-clang-19.md.
foreach(level 0 2)
    if(NOT DEFINED COROUTINES_RUN_O${level})
        message(STATUS "Checking that coroutines are compiled right, -O${level}")
    endif()
    try_run(COROUTINES_RUN_O${level} COROUTINES_COMPILE_O${level}
        ${PROJECT_BINARY_DIR}/coroutines_check_O${level}
        ${CMAKE_CURRENT_LIST_DIR}/coroutines_check.cpp
        CMAKE_FLAGS -DCMAKE_BUILD_TYPE= "-DCMAKE_CXX_FLAGS=-O${level} -w"
        CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON
        RUN_OUTPUT_VARIABLE coroutines_output COMPILE_OUTPUT_VARIABLE coroutines_compilation)
    if(NOT COROUTINES_COMPILE_O${level} OR NOT COROUTINES_RUN_O${level} EQUAL 0)
        message(FATAL_ERROR "${CMAKE_CXX_COMPILER} miscompiles coroutines (${coroutines_output}"
            "${coroutines_compilation}): use clang 19, as the presets do; scripts/setup installs it")
    endif()
endforeach()

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE Release)
endif()

set(MEDIBRIDGE_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=: address,undefined or thread")

add_library(medibridge_options INTERFACE)
target_compile_options(medibridge_options INTERFACE -Wall -Wextra -Werror)
# In a batch of sources a variable of one may be called like what another one declares.
target_compile_options(medibridge_options INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wshadow>)
# lld links many times faster than ld; ccache takes precompiled headers without a timestamp only.
target_compile_options(medibridge_options INTERFACE
    "SHELL:-Xclang -fno-pch-timestamp"
    -Wno-deprecated-declarations) # libstdc++ 12 calls its own std::get_temporary_buffer
target_link_options(medibridge_options INTERFACE --ld-path=/usr/bin/ld.lld-19)
# What makes a mistake with memory hard to use, whatever the preset; tests/house looks for it in the
# programs. The C library's checks need an optimiser, and know less than a sanitizer.
target_compile_options(medibridge_options INTERFACE
    -fPIE -fstack-protector-strong -fstack-clash-protection)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(medibridge_options INTERFACE -fcf-protection=full)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
    target_compile_options(medibridge_options INTERFACE -mbranch-protection=standard)
endif()
target_compile_definitions(medibridge_options INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(medibridge_options INTERFACE
    -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code)
if(NOT MEDIBRIDGE_SANITIZE)
    target_compile_options(medibridge_options INTERFACE
        "$<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>")
endif()
if(MEDIBRIDGE_SANITIZE)
    target_compile_options(medibridge_options INTERFACE
        -fsanitize=${MEDIBRIDGE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(medibridge_options INTERFACE -fsanitize=${MEDIBRIDGE_SANITIZE})
endif()

option(MEDIBRIDGE_FUZZ "Build the program that looks for inputs that break a parser" OFF)
if(MEDIBRIDGE_FUZZ AND NOT MEDIBRIDGE_SANITIZE MATCHES fuzzer)
    # libFuzzer sees where an input leads; it does not see what is compared with what, as in preset
    # fuzz, but the tests of the same build take no longer.
    set(medibridge_coverage inline-8bit-counters,pc-table)
    target_compile_options(medibridge_options INTERFACE -fsanitize-coverage=${medibridge_coverage})
endif()
