#include "simulated_disk.hpp"

#include "drive.hpp"
#include "vfs.hpp"

namespace medibridge::disk {

struct SimulatedDisk::Impl {
    Drive drive;
    Vfs vfs{drive};
};

SimulatedDisk::SimulatedDisk() : impl_(std::make_unique<Impl>()) {
    // SQLite draws the salts of its logs from one generator for the whole process: begun anew with
    // each disk, so that a run on it does not depend on what ran before.
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, 1, nullptr);
}

SimulatedDisk::~SimulatedDisk() = default;

const char* SimulatedDisk::vfs() const {
    return impl_->vfs.name();
}

void SimulatedDisk::kill_process() {
    impl_->drive.end_process();
}

void SimulatedDisk::cut_power(std::uint64_t seed) {
    impl_->drive.lose_power(seed);
}

void SimulatedDisk::stop_at_change(std::int64_t nth) {
    impl_->drive.stop_at_change(nth);
}

bool SimulatedDisk::stopped() const {
    return impl_->drive.stopped();
}

void SimulatedDisk::fail(std::int64_t nth, Fault fault, bool lasting) {
    impl_->drive.fail(nth, fault, lasting);
}

bool SimulatedDisk::struck() const {
    return impl_->drive.struck();
}

void SimulatedDisk::heal() {
    impl_->drive.heal();
}

std::int64_t SimulatedDisk::operations() const {
    return impl_->drive.operations();
}

std::int64_t SimulatedDisk::changes() const {
    return impl_->drive.changes();
}

std::map<std::string, std::string> SimulatedDisk::files() const {
    std::map<std::string, std::string> all;
    for (const auto& [name, file] : impl_->drive.files())
        all[name] = file->bytes();
    return all;
}

std::string SimulatedDisk::bytes() const {
    std::string all;
    for (const auto& [name, file] : impl_->drive.files())
        all += file->bytes();
    return all;
}

bool SimulatedDisk::append(const std::string& name, const std::string& bytes) {
    Drive& drive = impl_->drive;
    Drive::File file = drive.find(name);
    const Outcome made = file ? Outcome::done : drive.begin(Operation::make);
    if (made == Outcome::done || made == Outcome::begun) file = file ? file : drive.make(name);
    if (made != Outcome::done) return false;
    const Outcome written = drive.begin(Operation::write);
    if (written == Outcome::failed) return false;
    const std::string_view part(bytes.data(),
                                written == Outcome::full ? bytes.size() / 2 : bytes.size());
    file->write(file->bytes().size(), part);
    if (written != Outcome::done || drive.begin(Operation::sync) != Outcome::done) return false;
    file->sync();
    if (drive.begin(Operation::sync) != Outcome::done) return false;
    drive.sync_directory();
    return true;
}

void SimulatedDisk::put(const std::string& name, std::string bytes) {
    *impl_->drive.make(name) = StoredFile(std::move(bytes));
    impl_->drive.sync_directory();
}

void SimulatedDisk::remove(const std::string& name) {
    impl_->drive.remove(name);
    impl_->drive.sync_directory();
}

} // namespace medibridge::disk
