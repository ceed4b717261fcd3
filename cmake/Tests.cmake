find_package(GTest REQUIRED)
include(GoogleTest)

add_library(medibridge_test_options INTERFACE) # to be named after medibridge_options
# Sources of a batch share their unnamed namespaces.
target_compile_options(medibridge_test_options INTERFACE -Wno-shadow)
# What tests do themselves takes little time, and what they test is built as it is for a hospital:
# this halves their compile time. Fortified functions need an optimised build.
add_library(medibridge_built_quickly INTERFACE)
target_compile_options(medibridge_built_quickly INTERFACE "$<$<CONFIG:Release>:-O0;-U_FORTIFY_SOURCE>")
# Undefined behaviour is looked for in what is tested.
if(MEDIBRIDGE_SANITIZE)
    target_compile_options(medibridge_test_options INTERFACE -fno-sanitize=undefined)
    target_compile_definitions(medibridge_test_options INTERFACE MEDIBRIDGE_SANITIZED)
endif()
if(medibridge_coverage)
    target_compile_options(medibridge_test_options INTERFACE -fno-sanitize-coverage=${medibridge_coverage})
endif()
medibridge_prelude(test_prelude
    LINK medibridge_test_options medibridge_built_quickly GTest::gmock
    HEADERS ${prelude_headers} <gmock/gmock.h> <gtest/gtest.h>)

# Under a sanitizer half of the build's time goes into test programs, and they run four times as long.
set(MEDIBRIDGE_SHARE "" CACHE STRING "K/N: of every N test programs build and run the Kth; empty: all")
if(MEDIBRIDGE_SHARE AND NOT MEDIBRIDGE_SHARE MATCHES "^[1-9][0-9]*/[1-9][0-9]*$")
    message(FATAL_ERROR "MEDIBRIDGE_SHARE is ${MEDIBRIDGE_SHARE}: say K/N, as in 1/2")
endif()

# Whether the program is of the share. Its name decides, so that a new program moves no other one; this
# digest happens to cut today's into halves that take about the same time.
function(medibridge_is_shared name result)
    set(${result} TRUE PARENT_SCOPE)
    if(MEDIBRIDGE_SHARE MATCHES "(.+)/(.+)")
        string(SHA384 digest ${name})
        string(SUBSTRING ${digest} 0 6 digest)
        math(EXPR others "(0x${digest} + 1 - ${CMAKE_MATCH_1}) % ${CMAKE_MATCH_2}")
        if(others)
            set(${result} FALSE PARENT_SCOPE)
        endif()
    endif()
endfunction()

# medibridge_test_program(NAME [OPTIMISED] SOURCES … [LINK lib …])
# A program of GoogleTest cases, which ctest does not know yet. Sets NAME_IS_BUILT: it is of the
# share. OPTIMISED: it computes for long, or
# instantiates the templates that what it tests spends its time in.
function(medibridge_test_program name)
    cmake_parse_arguments(TEST "OPTIMISED" "" "SOURCES;LINK" ${ARGN})
    add_executable(${name} ${TEST_SOURCES})
    medibridge_is_shared(${name} shared)
    set(${name}_IS_BUILT ${shared} PARENT_SCOPE)
    if(NOT shared)
        set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL TRUE)
    endif()
    target_link_libraries(${name} PRIVATE
        medibridge_options medibridge_test_options ${TEST_LINK} GTest::gmock_main)
    if(TEST_OPTIMISED)
        medibridge_compile(${name} none)
    else()
        target_link_libraries(${name} PRIVATE medibridge_built_quickly)
        medibridge_compile(${name} test_prelude)
    endif()
endfunction()

# medibridge_test(NAME [OPTIMISED] SOURCES … [LINK lib …] [LABELS label …])
# One program a room, each case known to ctest by itself. Under a sanitizer, with which a process
# takes longer to begin than most cases to run, ctest knows shares of the cases instead; those of
# the daemon start processes of their own, and stay single.
function(medibridge_test name)
    cmake_parse_arguments(TEST "OPTIMISED" "" "SOURCES;LINK;LABELS" ${ARGN})
    if(TEST_OPTIMISED)
        set(optimised OPTIMISED)
    endif()
    medibridge_test_program(${name} ${optimised} SOURCES ${TEST_SOURCES} LINK ${TEST_LINK})
    if(NOT ${name}_IS_BUILT)
        return()
    endif()
    if(MEDIBRIDGE_SANITIZE AND NOT TEST_LABELS MATCHES "daemon|matrix")
        medibridge_shares(${name} "${TEST_LABELS}")
        return()
    endif()
    # A program is asked for its cases when tests are to run, not each time that it is linked.
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 300 LABELS "${TEST_LABELS}")
endfunction()

function(medibridge_shares name labels)
    set(shares 8)
    foreach(share RANGE 1 ${shares})
        math(EXPR index "${share} - 1")
        add_test(NAME ${name}.${share} COMMAND ${name})
        set_tests_properties(${name}.${share} PROPERTIES TIMEOUT 900 LABELS "${labels}"
            ENVIRONMENT "GTEST_TOTAL_SHARDS=${shares};GTEST_SHARD_INDEX=${index}")
    endforeach()
endfunction()
