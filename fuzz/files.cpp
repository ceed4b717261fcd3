#include "config/load.hpp"
#include "connectors/csv/rows.hpp"
#include "connectors/kinds/kinds.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <array>

namespace medibridge::fuzz {

/// The first byte says in which encoding, with which delimiter, and how the rest is cut.
void read_csv(std::string_view bytes) {
    if (bytes.empty()) return;
    const auto how = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    static constexpr std::array<const char*, 4> encodings{"UTF-8", "windows-1252", "UTF-16LE",
                                                          "ISO-8859-15"};
    static constexpr std::array<char, 4> delimiters{';', ',', '\t', '|'};
    const std::size_t piece = how % 16 + 1;
    const connectors::CsvRows::Read read = [&](char* buffer, std::size_t size) {
        const auto count = std::min({size, bytes.size(), piece * 7});
        std::ranges::copy(bytes.substr(0, count), buffer);
        bytes.remove_prefix(count);
        return count;
    };
    connectors::CsvRows rows(read, delimiters[how >> 4 & 3], encodings[how >> 6]);
    connectors::CsvRow row;
    auto next = rows.next(row);
    for (std::size_t line = 0; next == connectors::CsvRows::Next::row; next = rows.next(row)) {
        require(row.line >= line && row.size() <= connectors::CsvLimits::columns);
        line = row.line;
        for (std::size_t i = 0; i < row.size(); ++i)
            require(row[i].size() <= connectors::CsvLimits::cell);
    }
    if (next == connectors::CsvRows::Next::fault) require(!rows.fault().what.empty());
    rows.encoding_fault();
}

/// What names files is not read: it could name any of this machine's.
void read_configuration(std::string_view bytes) {
    if (bytes.find("file") != std::string_view::npos ||
        bytes.find("/dev") != std::string_view::npos)
        return;
    const config::Environment environment = [](const std::string& name) {
        return name.size() % 2 == 0 ? std::optional<std::string>("value") : std::nullopt;
    };
    const auto loaded = config::load_text(std::string(bytes), "medibridge.yaml", environment,
                                          connectors::source_kinds());
    require(loaded.settings.has_value() == loaded.mistakes.empty());
    for (const auto& mistake : loaded.mistakes)
        require(!mistake.to_string().empty());
}

} // namespace medibridge::fuzz
