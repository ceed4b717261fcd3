# The commit that is built, for --version: MEDIBRIDGE_COMMIT where whoever builds from an archive gives it, else what
# git says. A commit that changes nothing else links the programs again.
set(MEDIBRIDGE_COMMIT "" CACHE STRING "The commit that is built, where git cannot say it")
set(commit "${MEDIBRIDGE_COMMIT}")
find_package(Git QUIET)
if(NOT commit AND GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --git-path logs/HEAD
        WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
        OUTPUT_VARIABLE log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(log)
        get_filename_component(log "${log}" ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
        if(EXISTS "${log}")
            set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${log}")
        endif()
    endif()
endif()
if(NOT commit)
    set(commit unknown)
endif()
