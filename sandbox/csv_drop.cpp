#include "sandbox/csv_drop.hpp"

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace medibridge::sandbox {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t slots_at_once = 1000;

struct Column {
    std::string_view header;
    std::size_t field;
};

constexpr std::array columns{
    Column{"IPP", his_field::ipp},
    Column{"NOM_NAISSANCE", his_field::birth_name},
    Column{"NOM_USAGE", his_field::usual_name},
    Column{"PRENOM", his_field::given_names},
    Column{"DATE_NAISSANCE", his_field::birth_date},
    Column{"SEXE", his_field::sex},
    Column{"MAIL", his_field::mail},
    Column{"MOBILE", his_field::mobile},
    Column{"VOIE", his_field::street},
    Column{"COMMUNE", his_field::city},
    Column{"CP", his_field::postal_code},
    Column{"PAYS", his_field::country},
    Column{"STATUT_IDENTITE", his_field::identity_status},
    Column{"REMPLACE_PAR", his_field::merged_into},
};
constexpr std::string_view further_columns = "MAJ_LE;ACTIF;DECEDE\r\n";

void append_cell(std::string& out, std::string_view text) {
    if (text.find_first_of(";\"\r\n") == std::string_view::npos) {
        out += text;
        return;
    }
    out += '"';
    for (const char c : text)
        out += c == '"' ? "\"\"" : std::string_view(&c, 1);
    out += '"';
}

} // namespace

CsvDrop::CsvDrop(const HisStore& store, fs::path directory)
    : store_(store),
      directory_(std::move(directory)) {
    fs::create_directories(directory_);
}

void CsvDrop::append_row(std::string& out, const HisPatient& patient) const {
    for (const auto& column : columns) {
        auto text = patient.texts[column.field];
        if (column.field == his_field::given_names) text = text.substr(0, text.find('\n'));
        append_cell(out, text);
        out += ';';
    }
    append_paris(out, patient.modified);
    out += patient.active ? ";O" : ";N";
    out += patient.deceased ? ";O\r\n" : ";N\r\n";
}

fs::path CsvDrop::free_name() {
    for (;;) {
        std::array<char, 32> name{};
        std::snprintf(name.data(), name.size(), "patients-%06llu.csv",
                      static_cast<unsigned long long>(++files_));
        const auto file = directory_ / name.data();
        if (!fs::exists(file) && !fs::exists(directory_ / "done" / name.data())) return file;
    }
}

std::uint64_t CsvDrop::drop() {
    std::string text;
    std::uint64_t rows = 0;
    auto latest = last_;
    decltype(at_last_) at_latest;
    for (std::size_t offset = 0;; offset += slots_at_once) {
        const auto window = store_.list(HisOrder::modified, last_, offset, slots_at_once);
        for (const auto slot : window.slots) {
            const auto& patient = store_[slot];
            std::string row;
            append_row(row, patient);
            const auto known = at_last_.find(slot);
            const bool is_new = known == at_last_.end() || known->second != row;
            if (is_new) text += row;
            rows += is_new;
            if (latest != patient.modified) at_latest.clear();
            latest = patient.modified; // they come in the order of their modification
            at_latest.emplace(slot, std::move(row));
        }
        if (window.slots.size() < slots_at_once) break;
    }
    if (rows == 0) return 0;
    std::string header;
    for (const auto& column : columns)
        header += std::string(column.header) + ';';
    header += further_columns;

    const auto file = free_name();
    const auto unfinished = directory_ / ("." + file.filename().string() + ".part");
    std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
    out << header << text;
    out.close();
    if (!out) throw std::runtime_error(unfinished.string() + ": cannot be written");
    fs::rename(unfinished, file);
    last_ = latest;
    at_last_ = std::move(at_latest);
    return rows;
}

} // namespace medibridge::sandbox
