#include "drop_rig.hpp"

#include "source_environment.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>

namespace medibridge::connectors {

namespace fs = std::filesystem;

std::vector<std::string> KeptEvents::lines() const {
    std::vector<std::string> lines;
    for (const auto& event : events) {
        std::string line(event.type().name);
        for (const auto key : {log::Key::file, log::Key::fields, log::Key::reason})
            for (const auto& [its_key, value] : event.fields())
                if (its_key == key)
                    line += (key == log::Key::reason ? ": " : " ") + std::get<std::string>(value);
        lines.push_back(line);
    }
    return lines;
}

DropFolderOnDisk::DropFolderOnDisk() {
    std::string name = (fs::temp_directory_path() / "medibridge-drop-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
    path_ = name;
}

DropFolderOnDisk::~DropFolderOnDisk() {
    std::error_code ignored; // what is left lies in the folder for temporary files
    fs::remove_all(path_, ignored);
}

void DropFolderOnDisk::write(const std::string& name, std::string_view content, bool at_end) {
    std::ofstream file(path_ / name, std::ios::binary | (at_end ? std::ios::app : std::ios::trunc));
    file << content;
    file.close();
    ASSERT_TRUE(file.good()) << name;
}

void DropFolderOnDisk::drop(const std::string& name, std::string_view content) {
    write(name, content);
    const auto when = fs::file_time_type::clock::now() - std::chrono::hours(1);
    fs::last_write_time(path_ / name, when + std::chrono::seconds(dropped_++));
}

std::vector<std::string> DropFolderOnDisk::names(const std::string& subfolder) const {
    std::vector<std::string> names;
    if (!fs::exists(path_ / subfolder)) return names;
    for (const auto& entry : fs::directory_iterator(path_ / subfolder))
        if (!entry.is_directory()) names.push_back(entry.path().filename());
    std::ranges::sort(names);
    return names;
}

std::string DropFolderOnDisk::text(const std::string& name) const {
    std::ifstream file(path_ / name, std::ios::binary);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), {}};
}

CsvSettings drop_settings(const fs::path& directory) {
    CsvSettings settings;
    settings.directory = directory;
    settings.fields["externalId"].at = "ipp";
    settings.fields["lastName"].at = "nom";
    settings.fields["firstName"].at = "prenom";
    settings.fields["birthDate"].at = "naissance";
    settings.fields["address.city"].at = "ville";
    settings.fields["modifiedAt"].at = "maj";
    return settings;
}

std::string drop_header() {
    return "ipp;nom;prenom;naissance;ville;maj\n";
}

std::string drop_row(const std::string& ipp, const std::string& city, const std::string& modified) {
    return ipp + ";Lefèvre;Zoé;1980-05-11;" + city + ";" + modified + "\n";
}

DropRig::DropRig()
    : settings(drop_settings(disk.path())),
      make_directory([this] {
          return std::make_unique<DropDirectory>(settings.directory, settings.pattern);
      }) {}

DropRig::~DropRig() = default;

void DropRig::restart() {
    folder_.reset();
}

std::optional<std::string> DropRig::import(bool dry_run) {
    if (!folder_) {
        auto its = tests::source_environment("drop", io.get_executor(), clock, events);
        its.dry_run = dry_run;
        its.figures = figures;
        if (is_service) its.on_arrival = [] {};
        folder_ =
            std::make_shared<DropFolder>(std::move(its), settings, make_directory(), inbox, limits);
    }
    std::optional<std::string> wrong;
    std::exception_ptr thrown;
    boost::asio::co_spawn(io, folder_->import_all(),
                          [&](const std::exception_ptr& its, const SourceResult<void>& result) {
                              thrown = its;
                              if (!its && !result) wrong = result.error().what;
                          });
    io.restart();
    constexpr std::chrono::milliseconds idle(50);
    while (!io.stopped())
        if (io.run_one_for(idle) == 0) clock.advance(); // somebody waits for time to pass
    if (thrown) std::rethrow_exception(thrown);
    return wrong;
}

std::string DropRig::city_of(const std::string& external_id) const {
    const auto* record = inbox.record_of(external_id);
    return record == nullptr ? "unknown" : record->patient[reconcile::Field::city].text();
}

} // namespace medibridge::connectors
