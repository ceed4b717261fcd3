#include "base/runtime/clock.hpp"
#include "connectors/csv/check.hpp"
#include "connectors/csv/drop_folder.hpp"
#include "connectors/csv/records.hpp"

#include <benchmark/benchmark.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace medibridge::connectors {
namespace {

namespace fs = std::filesystem;

constexpr int rows = 100'000;

CsvSettings settings_of(const fs::path& directory, const std::string& encoding) {
    CsvSettings settings;
    settings.directory = directory;
    settings.encoding = encoding;
    settings.settle = config::Duration(0);
    const auto field = [&](const char* name, const char* header, const char* format = "") {
        settings.fields[name].at = header;
        settings.fields[name].format = format;
    };
    field("externalId", "IPP");
    field("lastName", "NOM");
    field("firstName", "PRENOM");
    field("birthDate", "NAISSANCE", "%d/%m/%Y");
    field("gender", "SEXE");
    settings.fields["gender"].map = {{"1", "M"}, {"2", "F"}};
    field("email", "MAIL");
    field("phone", "MOBILE");
    field("address.street", "VOIE");
    field("address.city", "COMMUNE");
    field("address.postalCode", "CP");
    field("modifiedAt", "MAJ", "%d/%m/%Y %H:%M:%S");
    return settings;
}

/// In the encoding of `form`: the same characters in each.
std::string content(bool utf8) {
    const std::string e = utf8 ? "\xC3\xA8" : "\xE8";
    std::string text = "IPP;NOM;PRENOM;NAISSANCE;SEXE;MAIL;MOBILE;VOIE;COMMUNE;CP;MAJ\r\n";
    for (int i = 0; i < rows; ++i)
        text += std::to_string(80'000'000 + i) + ";LEF" + e + "VRE;Zo" + e +
                ";15/05/1965;2;chloe.lefevre@example.org;06 39 98 00 01;"
                "\"111; avenue Jean-Jaur" +
                e + "s\";Ajaccio;20000;30/01/2026 20:17:29\r\n";
    return text;
}

CsvRows::Read reader(const std::string& text) {
    return [&text, at = std::size_t{0}](char* buffer, std::size_t room) mutable {
        const auto size = text.copy(buffer, room, std::min(at, text.size()));
        at += size;
        return size;
    };
}

void count(benchmark::State& state, const std::string& text) {
    state.SetItemsProcessed(state.iterations() * rows);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void check(benchmark::State& state, const std::string& encoding) {
    const auto settings = settings_of({}, encoding);
    const RecordMapping mapping(settings.fields, settings.timezone);
    const auto text = content(encoding == "UTF-8");
    for (auto _ : state) {
        CsvCheck pass(reader(text), settings, mapping);
        while (pass.advance(2000)) {
        }
        if (pass.fault()) state.SkipWithError(pass.fault()->what.c_str());
    }
    count(state, text);
}

void records(benchmark::State& state, const std::string& encoding) {
    const auto settings = settings_of({}, encoding);
    const RecordMapping mapping(settings.fields, settings.timezone);
    const auto text = content(encoding == "UTF-8");
    for (auto _ : state) {
        const CsvIdentities nobody;
        CsvRecords pass(reader(text), settings, mapping, "a.csv", nobody);
        while (!pass.next(500).empty()) {
        }
    }
    count(state, text);
}

/// Takes everything and keeps nothing.
class DiscardingInbox final : public Inbox {
  public:
    runtime::Task<SourceResult<Receipt>> put(Arrival arrival) override {
        taken += arrival.records.size();
        co_return Receipt();
    }
    runtime::Task<SourceResult<std::optional<Receipt>>> find(ContentDigest) override {
        co_return std::optional<Receipt>();
    }
    runtime::Task<SourceResult<std::int64_t>> newest() override { co_return 0; }
    runtime::Task<SourceResult<std::vector<Entry>>> read(bool, std::int64_t, std::size_t) override {
        co_return std::vector<Entry>();
    }
    runtime::Task<SourceResult<std::optional<Entry>>> read_one(std::string) override {
        co_return std::optional<Entry>();
    }
    runtime::Task<SourceResult<void>> mark_taken(std::int64_t) override {
        co_return SourceResult<void>();
    }

    std::size_t taken = 0;
};

class SilentLog final : public log::EventLog {
  public:
    void write(const log::Event&) override {}
};

/// A whole import from the disk: both passes, the chunks to the inbox, and the move.
void import_folder(benchmark::State& state) {
    std::string name = (fs::temp_directory_path() / "csv-bench-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    const auto settings = settings_of(name, "windows-1252");
    const auto text = content(false);
    boost::asio::io_context io(1);
    runtime::SteadyClock clock(io.get_executor());
    SilentLog log;
    DiscardingInbox inbox;
    const auto folder = std::make_shared<DropFolder>(
        SourceEnvironment{.name = "drop",
                          .executor = io.get_executor(),
                          .clock = clock,
                          .log = log,
                          .wall_clock = {}},
        settings, std::make_unique<DropDirectory>(settings.directory, settings.pattern), inbox);
    for (auto _ : state) {
        state.PauseTiming();
        fs::remove_all(settings.directory / "done");
        std::ofstream(settings.directory / "a.csv", std::ios::binary) << text;
        inbox.taken = 0;
        state.ResumeTiming();
        boost::asio::co_spawn(io, folder->import_all(),
                              [](const std::exception_ptr& thrown, const SourceResult<void>&) {
                                  if (thrown) std::rethrow_exception(thrown);
                              });
        io.restart();
        io.run();
        if (inbox.taken != rows) state.SkipWithError("not everything was taken");
    }
    count(state, text);
    fs::remove_all(name);
}

BENCHMARK_CAPTURE(check, utf8, "UTF-8")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(check, windows_1252, "windows-1252")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(records, utf8, "UTF-8")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(records, windows_1252, "windows-1252")->Unit(benchmark::kMillisecond);
BENCHMARK(import_folder)->Unit(benchmark::kMillisecond)->UseRealTime();

} // namespace
} // namespace medibridge::connectors
