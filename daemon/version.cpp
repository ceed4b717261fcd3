#include "daemon/version.hpp"

#include "control/api.hpp"
#include "state/sqlite_store.hpp"

#include <boost/version.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <openssl/crypto.h>
#include <sodium/version.h>
#include <sqlite3.h>
#include <string_view>
#include <unicode/uvernum.h>
#include <zlib.h>

namespace medibridge::daemon {

namespace {

/// `OpenSSL 3.0.17 1 Jul 2025`: its second word.
std::string second_word(std::string_view text) {
    const auto begin = text.find(' ') + 1;
    return std::string(text.substr(begin, text.find(' ', begin) - begin));
}

/// Of shared libraries as they run, of those that consist of headers as they were built in.
std::string libraries() {
    return fmt::format("OpenSSL {}, SQLite {}, libsodium {}, zlib {}, ICU {}, Boost {}.{}.{}, "
                       "nlohmann-json {}.{}.{}",
                       second_word(::OpenSSL_version(OPENSSL_VERSION)), ::sqlite3_libversion(),
                       ::sodium_version_string(), ::zlibVersion(), U_ICU_VERSION,
                       BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100,
                       NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR,
                       NLOHMANN_JSON_VERSION_PATCH);
}

} // namespace

std::string version() {
    return MEDIBRIDGE_VERSION;
}

std::string commit() {
    return MEDIBRIDGE_COMMIT;
}

std::string version_text(const std::string& program) {
    return fmt::format("{} {}\ncommit: {}\nstate schema: {}\ncontrol API: v{}\nlibraries: {}",
                       program, version(), commit(), state::schema_version(), control::api_version,
                       libraries());
}

} // namespace medibridge::daemon
