# Everything comes from Debian's packages (scripts/setup installs them); nothing is downloaded here.
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc i18n)
find_package(ODBC REQUIRED) # unixODBC
find_package(SQLite3 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(date REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(Protobuf REQUIRED MODULE)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)

# libcsv comes without a file for CMake or pkg-config.
find_path(CSV_INCLUDE_DIR csv.h)
find_library(CSV_LIBRARY csv)
if(NOT CSV_INCLUDE_DIR OR NOT CSV_LIBRARY)
    message(FATAL_ERROR "libcsv is missing: run scripts/setup")
endif()
add_library(medibridge_libcsv INTERFACE)
target_include_directories(medibridge_libcsv SYSTEM INTERFACE ${CSV_INCLUDE_DIR})
target_link_libraries(medibridge_libcsv INTERFACE ${CSV_LIBRARY})

# libphonenumber-dev depends on Boost 1.74's headers, which exclude Boost 1.81's; scripts/setup
# installs the library and takes only the headers out of that package.
find_path(PHONENUMBER_INCLUDE_DIR phonenumbers/phonenumberutil.h)
find_library(PHONENUMBER_LIBRARY NAMES phonenumber libphonenumber.so.8)
if(NOT PHONENUMBER_INCLUDE_DIR OR NOT PHONENUMBER_LIBRARY)
    message(FATAL_ERROR "libphonenumber's headers or library are missing: run scripts/setup")
endif()
add_library(medibridge_phonenumber INTERFACE)
target_include_directories(medibridge_phonenumber SYSTEM INTERFACE ${PHONENUMBER_INCLUDE_DIR})
target_link_libraries(medibridge_phonenumber INTERFACE ${PHONENUMBER_LIBRARY} protobuf::libprotobuf)

add_library(medibridge_json INTERFACE)
target_link_libraries(medibridge_json INTERFACE nlohmann_json::nlohmann_json)
target_compile_definitions(medibridge_json INTERFACE JSON_USE_IMPLICIT_CONVERSIONS=0)

# Asio and Beast are headers; everybody must see the same configuration of them.
add_library(medibridge_asio INTERFACE)
target_link_libraries(medibridge_asio INTERFACE Boost::headers Threads::Threads)
target_compile_definitions(medibridge_asio INTERFACE
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_VISIBILITY)
