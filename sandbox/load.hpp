#pragma once

#include "sandbox/his_store.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace medibridge::sandbox {

/// What became of a file's records.
struct LoadReport {
    std::size_t loaded = 0;  ///< patients, of which some may have replaced an earlier one
    std::size_t skipped = 0; ///< records that are no patients or have no identifier
};

/// Fills the HIS from a file: FHIR NDJSON (`.ndjson`, `.jsonl`, `.json`) or CSV (anything else).
/// Throws std::runtime_error that names the file and says what is wrong.
LoadReport load_his_file(const std::filesystem::path& file, std::uint64_t seed, HisStore& store);

/// RFC 4180 with a header line, in UTF-8; `,` `;` tab or `|`, as the header shows. Columns are
/// found by name, among others those of Synthea and febrl. Throws std::runtime_error.
LoadReport load_csv(std::string_view text, std::uint64_t seed, HisStore& store);

/// One FHIR resource a line; what is not a Patient is skipped. Throws std::runtime_error.
LoadReport load_ndjson(std::string_view text, std::uint64_t seed, HisStore& store);

/// `1980-12-31` or `19801231` as `31/12/1980`; anything else stays as it is.
std::string french_date(std::string_view text);

/// The HIS's code of a gender in French or English words or letters; empty: unknown.
std::string_view sex_code(std::string_view text);

} // namespace medibridge::sandbox
