option(MEDIBRIDGE_UNITY
       "Compile the sources of a target some at a time: far quicker from nothing, slower after a change"
       OFF)
set(MEDIBRIDGE_UNITY_BATCH 8 CACHE STRING "How many sources at a time")
set(MEDIBRIDGE_APART "" CACHE STRING
    "Targets whose sources are compiled each by itself all the same; scripts/test adds those that clash")

# medibridge_compile(TARGET [header …]): either in batches, or each source by itself with these
# headers precompiled. A batch reads the headers, and instantiates their templates, only once.
function(medibridge_compile target)
    if(MEDIBRIDGE_UNITY AND NOT target IN_LIST MEDIBRIDGE_APART)
        set_target_properties(${target} PROPERTIES
            UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${MEDIBRIDGE_UNITY_BATCH})
        if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
            # g++ takes what a batch includes for headers, whose types other sources might see.
            target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
        endif()
    elseif(ARGN AND NOT MEDIBRIDGE_NO_PCH)
        target_precompile_headers(${target} PRIVATE ${ARGN})
    endif()
endfunction()

# medibridge_room(NAME SOURCES … [USES room …] [PUBLIC lib …] [PRIVATE lib …] [PCH header …])
# One static library a room. USES names the rooms that it may include from; third parties are
# PRIVATE unless their types stand in the room's own headers.
function(medibridge_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;USES;PUBLIC;PRIVATE;PCH" ${ARGN})
    add_library(medibridge_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(medibridge_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    list(TRANSFORM ROOM_USES PREPEND medibridge_)
    target_link_libraries(medibridge_${name}
        PUBLIC ${ROOM_USES} ${ROOM_PUBLIC}
        PRIVATE medibridge_options ${ROOM_PRIVATE})
    medibridge_compile(medibridge_${name} ${ROOM_PCH})
endfunction()

# medibridge_test(NAME SOURCES … [LINK lib …] [LABELS label …] [PCH header …])
# One GoogleTest binary a room, each case known to ctest by itself.
function(medibridge_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;LINK;LABELS;PCH" ${ARGN})
    add_executable(${name} ${TEST_SOURCES})
    target_link_libraries(${name} PRIVATE medibridge_options ${TEST_LINK} GTest::gmock_main)
    medibridge_compile(${name} ${TEST_PCH})
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 300 LABELS "${TEST_LABELS}")
endfunction()
