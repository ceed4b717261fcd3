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
    if(ROOM_PCH AND NOT MEDIBRIDGE_NO_PCH)
        target_precompile_headers(medibridge_${name} PRIVATE ${ROOM_PCH})
    endif()
endfunction()

# medibridge_test(NAME SOURCES … [LINK lib …] [LABELS label …] [PCH header …])
# One GoogleTest binary a room, each case known to ctest by itself.
function(medibridge_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;LINK;LABELS;PCH" ${ARGN})
    add_executable(${name} ${TEST_SOURCES})
    target_link_libraries(${name} PRIVATE medibridge_options ${TEST_LINK} GTest::gmock_main)
    if(TEST_PCH AND NOT MEDIBRIDGE_NO_PCH)
        target_precompile_headers(${name} PRIVATE ${TEST_PCH})
    endif()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
        PROPERTIES TIMEOUT 300 LABELS "${TEST_LABELS}")
endfunction()
