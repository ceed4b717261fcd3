option(MEDIBRIDGE_UNITY
       "Compile the sources of a target some at a time: far quicker from nothing, slower after a change"
       OFF)
set(MEDIBRIDGE_UNITY_BATCH 16 CACHE STRING "How many sources at a time")

# medibridge_prelude(NAME [LINK lib …] HEADERS header …)
# Headers of others that the compiler reads once for many targets, as it takes longer over them than over our
# own sources. Who needs one includes it all the same: clang's tools read each source without.
function(medibridge_prelude name)
    cmake_parse_arguments(PRELUDE "" "" "LINK;HEADERS" ${ARGN})
    if(MEDIBRIDGE_NO_PCH)
        return()
    endif()
    file(GENERATE OUTPUT prelude/${name}.cpp CONTENT "")
    add_library(medibridge_${name} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/prelude/${name}.cpp)
    target_link_libraries(medibridge_${name}
        PRIVATE medibridge_options medibridge_asio medibridge_json ${PRELUDE_LINK})
    target_precompile_headers(medibridge_${name} PRIVATE ${PRELUDE_HEADERS})
endfunction()

set(prelude_headers
    <algorithm> <array> <charconv> <chrono> <cstdint> <cstdlib> <deque> <exception> <filesystem>
    <fstream> <functional> <iostream> <iterator> <list> <map> <memory> <optional> <random> <ranges>
    <regex> <set> <span> <sstream> <stdexcept> <string> <string_view> <thread> <unordered_map>
    <unordered_set> <utility> <variant> <vector>
    <boost/asio/any_io_executor.hpp> <boost/asio/as_tuple.hpp> <boost/asio/awaitable.hpp>
    <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp> <boost/asio/io_context.hpp>
    <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp> <boost/asio/steady_timer.hpp>
    <boost/asio/use_awaitable.hpp> <boost/asio/write.hpp> <nlohmann/json.hpp>)
medibridge_prelude(prelude HEADERS ${prelude_headers})

# medibridge_compile(TARGET PRELUDE): with a prelude, and perhaps in batches, which instantiate the
# templates of headers only once. Sources of a batch share their unnamed namespaces: where names
# clash, give one another name. A target that cannot be fixed in that way sets UNITY_BUILD OFF afterwards.
function(medibridge_compile target prelude)
    if(MEDIBRIDGE_UNITY)
        set_target_properties(${target} PROPERTIES
            UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${MEDIBRIDGE_UNITY_BATCH})
    endif()
    if(TARGET medibridge_${prelude})
        # A prelude is read only where these are defined as they were for it.
        foreach(library asio json)
            target_compile_definitions(${target} PRIVATE
                $<TARGET_PROPERTY:medibridge_${library},INTERFACE_COMPILE_DEFINITIONS>)
        endforeach()
        target_precompile_headers(${target} REUSE_FROM medibridge_${prelude})
    endif()
endfunction()

# medibridge_room(NAME SOURCES … [USES room …] [PUBLIC lib …] [PRIVATE lib …])
# One static library a room. USES names the rooms that it may include from; third parties are
# PRIVATE unless their types stand in the room's own headers.
function(medibridge_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;USES;PUBLIC;PRIVATE" ${ARGN})
    add_library(medibridge_${name} STATIC ${ROOM_SOURCES})
    target_include_directories(medibridge_${name} PUBLIC ${PROJECT_SOURCE_DIR})
    list(TRANSFORM ROOM_USES PREPEND medibridge_)
    target_link_libraries(medibridge_${name}
        PUBLIC ${ROOM_USES} ${ROOM_PUBLIC}
        PRIVATE medibridge_options ${ROOM_PRIVATE})
    medibridge_compile(medibridge_${name} prelude)
endfunction()
