// Reads all rows of a database through the source of type `sql`, and prints what that took.
//
//   sql_read CONNECTION QUERY PAGE-SIZE      rows, seconds, CPU seconds and peak MiB, as one line
//
// The columns are those of bench/sql_read, which measures the same rows with psql beside it.
#include "connectors/sql/source.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <sys/resource.h>

namespace {

using namespace medibridge;

class SilentLog final : public log::EventLog {
  public:
    void write(const log::Event&) override {}
};

runtime::Task<void> read_all(connectors::SourceReading& reading, std::size_t& rows) {
    for (;;) {
        const auto page = co_await reading.next();
        if (!page) throw std::runtime_error(page.error().what);
        rows += page->records.size();
        if (page->last) co_return;
    }
}

double cpu_seconds(const rusage& usage) {
    const auto of = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

connectors::SqlSettings settings(char** arguments) {
    connectors::SqlSettings source;
    source.connection = arguments[1];
    source.query = arguments[2];
    source.page_size = std::strtoul(arguments[3], nullptr, 10);
    source.fields["externalId"].at = "ipp";
    source.fields["lastName"].at = "nom";
    source.fields["firstName"].at = "prenom";
    source.fields["birthDate"].at = "naissance";
    source.fields["gender"].at = "sexe";
    source.fields["gender"].map = {{"1", "M"}, {"2", "F"}};
    source.fields["email"].at = "mail";
    source.fields["phone"].at = "mobile";
    source.fields["address.street"].at = "voie";
    source.fields["address.city"].at = "commune";
    source.fields["address.postalCode"].at = "cp";
    source.fields["modifiedAt"].at = "maj";
    return source;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 4) {
        std::fprintf(stderr, "usage: sql_read CONNECTION QUERY PAGE-SIZE\n");
        return 64;
    }
    boost::asio::io_context context{1};
    runtime::SteadyClock clock(context.get_executor());
    SilentLog log;
    connectors::SqlSource source({.name = "bench",
                                  .executor = context.get_executor(),
                                  .clock = clock,
                                  .log = log,
                                  .wall_clock = {}},
                                 settings(arguments));
    const auto begin = std::chrono::steady_clock::now();
    const auto reading = source.read(std::nullopt);
    std::size_t rows = 0;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, read_all(*reading, rows),
                          [&thrown](std::exception_ptr error) { thrown = std::move(error); });
    context.run();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    try {
        if (thrown) std::rethrow_exception(thrown);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf("%zu %.3f %.3f %.1f\n", rows, taken.count(), cpu_seconds(usage),
                static_cast<double>(usage.ru_maxrss) / 1024);
    return 0;
}
