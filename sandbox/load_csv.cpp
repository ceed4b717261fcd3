#include "sandbox/exchange.hpp"
#include "sandbox/invent.hpp"
#include "sandbox/load.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

namespace medibridge::sandbox {

namespace {

using Row = std::vector<std::string>;

/// Cuts RFC 4180 into rows.
class CsvReader {
  public:
    CsvReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

    /// False at the end. Throws std::runtime_error for a quote that is never closed.
    bool next(Row& row) {
        row.clear();
        if (at_ >= text_.size()) return false;
        ++line_;
        row.emplace_back();
        bool quoted = false;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (quoted) {
                if (c != '"') {
                    row.back() += c;
                } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
                    row.back() += text_[++at_];
                } else {
                    quoted = false;
                }
            } else if (c == '"' && row.back().empty()) {
                quoted = true;
            } else if (c == delimiter_) {
                row.emplace_back();
            } else if (c == '\n') {
                break;
            } else if (c != '\r' || at_ + 1 >= text_.size() || text_[at_ + 1] != '\n') {
                row.back() += c;
            }
        }
        ++at_;
        if (quoted)
            throw std::runtime_error("record " + std::to_string(line_) + ": quote never closed");
        return true;
    }

  private:
    std::string_view text_;
    char delimiter_;
    std::size_t at_ = 0;
    std::size_t line_ = 0;
};

struct ColumnName {
    std::string_view name;
    std::size_t field;
};

/// Besides the HIS's fields.
enum : std::size_t {
    maiden_name = his_field::count,
    death_date,
    street_number,
    more_street,
    modified_at,
    column_kinds,
};

constexpr ColumnName column_names[] = {
    {"id", his_field::ipp},
    {"ipp", his_field::ipp},
    {"rec_id", his_field::ipp},
    {"externalid", his_field::ipp},
    {"patient_id", his_field::ipp},
    {"last", his_field::birth_name},
    {"lastname", his_field::birth_name},
    {"surname", his_field::birth_name},
    {"nom", his_field::birth_name},
    {"nomnaissance", his_field::birth_name},
    {"nom_naissance", his_field::birth_name},
    {"nomusage", his_field::usual_name},
    {"nom_usage", his_field::usual_name},
    {"maiden", maiden_name},
    {"first", his_field::given_names},
    {"firstname", his_field::given_names},
    {"given_name", his_field::given_names},
    {"prenom", his_field::given_names},
    {"birthdate", his_field::birth_date},
    {"date_of_birth", his_field::birth_date},
    {"datenaissance", his_field::birth_date},
    {"date_naissance", his_field::birth_date},
    {"deathdate", death_date},
    {"gender", his_field::sex},
    {"sex", his_field::sex},
    {"sexe", his_field::sex},
    {"email", his_field::mail},
    {"mail", his_field::mail},
    {"phone", his_field::mobile},
    {"mobile", his_field::mobile},
    {"telephone", his_field::mobile},
    {"street_number", street_number},
    {"address", his_field::street},
    {"address_1", his_field::street},
    {"address_2", more_street},
    {"street", his_field::street},
    {"adresse", his_field::street},
    {"voie", his_field::street},
    {"city", his_field::city},
    {"suburb", his_field::city},
    {"ville", his_field::city},
    {"commune", his_field::city},
    {"zip", his_field::postal_code},
    {"postcode", his_field::postal_code},
    {"postalcode", his_field::postal_code},
    {"cp", his_field::postal_code},
    {"country", his_field::country},
    {"pays", his_field::country},
    {"modifiedat", modified_at},
    {"majle", modified_at},
};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// The first of the usual delimiters that cuts the header into the most columns.
char delimiter_of(std::string_view text) {
    const auto header = text.substr(0, text.find('\n'));
    char best = ',';
    std::ptrdiff_t most = 0;
    for (const char candidate : {',', ';', '\t', '|'}) {
        const auto count = std::count(header.begin(), header.end(), candidate);
        if (count > most) {
            most = count;
            best = candidate;
        }
    }
    return best;
}

/// A row's texts by meaning.
class Cells {
  public:
    explicit Cells(const Row& header) {
        for (const auto& title : header) {
            const std::string wanted = lower_case(trimmed(title));
            kinds_.emplace_back();
            for (const auto& [name, kind] : column_names) {
                if (name == wanted) kinds_.back() = kind;
            }
        }
    }
    void fill(const Row& row) {
        texts_ = {};
        for (std::size_t i = 0; i < row.size() && i < kinds_.size(); ++i) {
            if (kinds_[i]) texts_[*kinds_[i]] = trimmed(row[i]);
        }
    }
    bool has_column(std::size_t kind) const {
        return std::find(kinds_.begin(), kinds_.end(), kind) != kinds_.end();
    }
    std::string_view operator[](std::size_t kind) const { return texts_[kind]; }

  private:
    std::vector<std::optional<std::size_t>> kinds_;
    std::array<std::string_view, column_kinds> texts_;
};

HisDraft draft_of(const Cells& cells, Millis fallback) {
    HisDraft draft;
    for (std::size_t field = 0; field < his_field::count; ++field) {
        if (!cells[field].empty()) draft.texts[field] = std::string(cells[field]);
    }
    draft.texts[his_field::birth_date].reset();
    if (!cells[his_field::birth_date].empty())
        draft.texts[his_field::birth_date] = french_date(cells[his_field::birth_date]);
    draft.texts[his_field::sex].reset();
    if (const auto code = sex_code(cells[his_field::sex]); !code.empty())
        draft.texts[his_field::sex] = std::string(code);
    if (!cells[maiden_name].empty()) {
        draft.texts[his_field::usual_name] = std::move(draft.texts[his_field::birth_name]);
        draft.texts[his_field::birth_name] = std::string(cells[maiden_name]);
    }
    std::string line;
    for (const std::size_t part :
         {std::size_t{street_number}, std::size_t{his_field::street}, std::size_t{more_street}}) {
        if (!line.empty() && !cells[part].empty()) line += ' ';
        line += cells[part];
    }
    if (!line.empty()) draft.texts[his_field::street] = line;
    draft.deceased = !cells[death_date].empty();
    draft.modified = parse_time(cells[modified_at], true).value_or(fallback);
    return draft;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        const int more = lead < 0x80   ? 0
                         : lead < 0xc2 ? -1
                         : lead < 0xe0 ? 1
                         : lead < 0xf0 ? 2
                         : lead < 0xf5 ? 3
                                       : -1;
        if (more < 0) return false;
        for (int k = 0; k < more; ++k, ++i) {
            if (i >= text.size() || (static_cast<unsigned char>(text[i]) & 0xc0) != 0x80)
                return false;
        }
    }
    return true;
}

} // namespace

LoadReport load_csv(std::string_view text, std::uint64_t seed, HisStore& store) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (!is_utf8(text)) throw std::runtime_error("not UTF-8");
    CsvReader reader(text, delimiter_of(text));
    Row row;
    if (!reader.next(row)) throw std::runtime_error("no header line");
    Cells cells(row);
    if (!cells.has_column(his_field::ipp))
        throw std::runtime_error("no column with an identifier (Id, ipp, rec_id, externalId)");
    LoadReport report;
    while (reader.next(row)) {
        cells.fill(row);
        if (cells[his_field::ipp].empty()) {
            report.skipped += row.size() > 1 || !row.front().empty();
            continue;
        }
        store.put(draft_of(cells, invented_time(seed, report.loaded)));
        ++report.loaded;
    }
    return report;
}

} // namespace medibridge::sandbox
