#include "connectors/csv/columns.hpp"

#include <set>

namespace medibridge::connectors {
namespace {

/// Names of columns, each once.
class Names {
  public:
    bool empty() const { return names_.empty(); }
    const std::string& text() const { return text_; }
    void add(std::string_view name) {
        if (!names_.insert(name).second) return;
        text_ += (text_.empty() ? "" : ", ") + std::string(name);
    }

  private:
    std::set<std::string_view> names_;
    std::string text_;
};

} // namespace

std::string_view trimmed_cell(std::string_view cell) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto begin = cell.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return cell.substr(begin, cell.find_last_not_of(spaces) - begin + 1);
}

std::optional<CsvFault> CsvColumns::find(const CsvRow& header,
                                         std::span<const std::string> places) {
    Names missing;
    Names twice;
    columns_.clear();
    width_ = header.size();
    for (const auto& place : places) {
        std::optional<std::size_t> found;
        for (std::size_t column = 0; column < width_; ++column) {
            if (trimmed_cell(header[column]) != place) continue;
            if (found) twice.add(place);
            found = column;
        }
        if (!found) missing.add(place);
        columns_.push_back(found.value_or(0));
    }
    if (missing.empty() && twice.empty()) return std::nullopt;
    std::string what;
    if (!missing.empty())
        what = "the header lacks the columns that `fields` names: " + missing.text();
    if (!missing.empty() && width_ == 1)
        what += ". It has one column only: is `delimiter` that of the file?";
    if (!twice.empty())
        what += (what.empty() ? "" : "; ") + ("two columns are called " + twice.text()) +
                ": have one of them renamed";
    return CsvFault{header.line, std::move(what)};
}

} // namespace medibridge::connectors
