#include "connectors/his/csv_columns.hpp"

#include <algorithm>

namespace medibridge::connectors {

std::string_view trimmed_cell(std::string_view cell) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto begin = cell.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return cell.substr(begin, cell.find_last_not_of(spaces) - begin + 1);
}

std::optional<CsvFault> CsvColumns::find(const CsvRow& header,
                                         std::span<const std::string> places) {
    std::string missing;
    columns_.clear();
    width_ = header.size();
    for (const auto& place : places) {
        std::optional<std::size_t> found;
        for (std::size_t column = 0; column < width_; ++column) {
            if (trimmed_cell(header[column]) != place) continue;
            if (found)
                return CsvFault{header.line,
                                "two columns are called " + place +
                                    ": which one is meant cannot be told; have one renamed"};
            found = column;
        }
        if (!found && missing.find(place) == std::string::npos)
            missing += (missing.empty() ? "" : ", ") + place;
        columns_.push_back(found.value_or(0));
    }
    if (missing.empty()) return std::nullopt;
    std::string what = "the header lacks the columns that `fields` names: " + missing;
    if (width_ == 1) what += ". It has one column only: is `delimiter` that of the file?";
    return CsvFault{header.line, std::move(what)};
}

} // namespace medibridge::connectors
