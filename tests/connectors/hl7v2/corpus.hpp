#pragma once

#include "connectors/hl7v2/reading.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// Messages of real and made-up systems, which the project does not hold itself.
namespace medibridge::connectors::hl7::test {

/// The folder, empty where MEDIBRIDGE_CORPUS is not set.
std::filesystem::path corpus();
std::string read_file(const std::filesystem::path& file);
/// Every regular file below a folder of the corpus, in order.
std::vector<std::filesystem::path> files(const std::string& folder);

/// The settings that fit the corpus' made-up messages.
Hl7Settings settings();
/// The authority of their identifiers.
inline constexpr auto authority = "1.2.250.1.999.1.1";

/// 2026-01-31T09:05:00Z.
reconcile::Instant now();
Reading read(std::string_view message, const Hl7Settings& settings = test::settings());

/// A message: MSH with these fields from MSH-9 on, then segments, each ended with CR.
std::string message(const std::string& event, const std::vector<std::string>& segments,
                    const std::string& control = "1", const std::string& tail = "");
/// A PID segment of somebody with that identifier of our authority.
std::string pid(const std::string& id, const std::string& name = "GARNIER^Noémie^^^^^L");

/// What stands at MSA-1 of the answers: `AA`, `CA,AA`, or empty.
std::string codes(std::string_view answers);

} // namespace medibridge::connectors::hl7::test
