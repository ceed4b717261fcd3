#include "connectors/csv/kind.hpp"

#include "base/bytes/ascii.hpp"
#include "config/section.hpp"
#include "config/values.hpp"
#include "connectors/csv/drop_folder.hpp"
#include "connectors/inbox/source.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unicode/ucnv.h>

namespace medibridge::connectors {

using config::assign;
using config::DurationRange;
using config::PlaceKind;
using config::quote;
using config::Report;
using config::Section;
using config::Value;

namespace {

constexpr std::size_t max_header_size = 256;
constexpr std::size_t max_null_text_size = 64;
constexpr std::int64_t max_file_size = std::int64_t{1} << 40;
constexpr DurationRange keep_range{std::chrono::minutes(1), std::chrono::hours(87'600), true};
constexpr DurationRange settle_range{std::chrono::milliseconds(10), std::chrono::hours(24), true};

std::optional<std::filesystem::path> read_directory(const Value& value, Report& report) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    std::filesystem::path directory(*text);
    if (!directory.is_absolute()) {
        report.mistake(value.place, quote(value.path) + " must be an absolute path");
        return std::nullopt;
    }
    std::error_code unseen; // who may not look at it says nothing
    const auto type = std::filesystem::status(directory, unseen).type();
    if (type == std::filesystem::file_type::not_found)
        report.advise(value.place, quote(value.path) + ": there is no folder " + quote(*text) +
                                       ": make it before the service starts, readable and writable "
                                       "for the service's user");
    else if (!unseen && type != std::filesystem::file_type::directory)
        report.advise(value.place, quote(value.path) + ": " + quote(*text) + " is no folder");
    return directory.lexically_normal();
}

std::optional<std::string> read_pattern(const Value& value, Report& report) {
    auto text = read_text(value, report);
    if (!text || text->find('/') == std::string::npos) return text;
    report.mistake(value.place, quote(value.path) + " matches file names: it cannot hold a `/`");
    return std::nullopt;
}

/// Between two columns nothing may stand that can be part of a number, a word or a row's end.
bool can_delimit(char c) {
    return c == '\t' || (base::is_ascii_graphic(c) && c != '"' && !base::is_ascii_alphanumeric(c));
}

std::optional<char> read_delimiter(const Value& value, Report& report) {
    const auto text = read_text(value, report);
    if (!text) return std::nullopt;
    if (*text == "tab" || *text == "\\t") return '\t';
    if (text->size() == 1 && can_delimit(text->front())) return text->front();
    report.mistake(value.place, quote(value.path) +
                                    " must be one character such as `;`, `,`, `|` or "
                                    "`tab`: no letter, digit, space or quote");
    return std::nullopt;
}

std::optional<std::string> read_encoding(const Value& value, Report& report) {
    auto text = read_text(value, report);
    if (!text) return std::nullopt;
    UErrorCode status = U_ZERO_ERROR;
    UConverter* converter = ucnv_open(text->c_str(), &status);
    ucnv_close(converter);
    if (U_SUCCESS(status)) return text;
    report.mistake(value.place, quote(value.path) + ": the encoding " + quote(*text) +
                                    " is not known; write UTF-8, windows-1252, ISO-8859-15 or "
                                    "UTF-16LE, for example");
    return std::nullopt;
}

std::optional<std::string> read_short_text(const Value& value, Report& report, std::size_t limit) {
    auto text = read_text(value, report);
    if (!text || text->size() <= limit) return text;
    report.mistake(value.place,
                   quote(value.path) + " is longer than " + std::to_string(limit) + " bytes");
    return std::nullopt;
}

/// The header of a column, without the spaces around it, which do not count in the file either.
std::optional<std::string> read_column(const Value& value, Report& report) {
    auto text = read_short_text(value, report, max_header_size);
    if (!text) return std::nullopt;
    const auto begin = text->find_first_not_of(" \t");
    if (begin == std::string::npos) {
        report.mistake(value.place, quote(value.path) + " names no column");
        return std::nullopt;
    }
    return text->substr(begin, text->find_last_not_of(" \t") - begin + 1);
}

constexpr PlaceKind headers{"the header of the column", read_column};

void read_form(Section& section, CsvSettings& out) {
    Report& report = section.report();
    if (const auto delimiter = section.find("delimiter"))
        assign(out.delimiter, read_delimiter(*delimiter, report));
    if (const auto encoding = section.find("encoding"))
        assign(out.encoding, read_encoding(*encoding, report));
    if (const auto text = section.find("null_text"))
        assign(out.null_text, read_short_text(*text, report, max_null_text_size));
    if (const auto zone = section.find("timezone"))
        assign(out.timezone, read_timezone(*zone, report));
}

std::unique_ptr<Source> make_csv_source(const CsvSettings& settings, SourceEnvironment its) {
    auto name = its.name;
    auto inbox = its.open_inbox(DropFolder::Limits().waiting);
    auto directory = std::make_unique<DropDirectory>(settings.directory, settings.pattern);
    auto folder =
        std::make_shared<DropFolder>(std::move(its), settings, std::move(directory), *inbox);
    return std::make_unique<InboxSource>(std::move(name), std::move(inbox), std::move(folder));
}

} // namespace

void read_settings(Section& section, CsvSettings& out) {
    Report& report = section.report();
    if (const auto directory =
            section.require("directory", "give the folder in which the HIS drops its files"))
        assign(out.directory, read_directory(*directory, report));
    if (const auto pattern = section.find("pattern"))
        assign(out.pattern, read_pattern(*pattern, report));
    if (const auto settle = section.find("settle"))
        assign(out.settle, read_duration(*settle, report, settle_range));
    if (const auto keep = section.find("keep"))
        assign(out.keep, read_duration(*keep, report, keep_range));
    if (const auto size = section.find("max_size"))
        assign(out.max_size, read_integer(*size, report, 1, max_file_size));
    read_form(section, out);
    if (const auto fields = section.require("fields", "say which column holds each field"))
        read_fields(*fields, report, out.fields, headers);
}

config::Mapping CsvSettings::mapping() const {
    config::Mapping mapping{
        {"timezone", timezone}, {"encoding", encoding}, {"null_text", null_text}};
    config::add_fields(fields, mapping);
    return mapping;
}

const SourceKind& csv_kind() {
    static const KindOf<CsvSettings> kind("csv", read_settings, make_csv_source);
    return kind;
}

} // namespace medibridge::connectors
