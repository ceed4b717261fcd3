#include "drive.hpp"

#include <set>

namespace medibridge::disk {
namespace {

using Fault = SimulatedDisk::Fault;

bool changes_the_disk(Operation operation) {
    switch (operation) {
    case Operation::make:
    case Operation::write:
    case Operation::truncate:
    case Operation::sync:
    case Operation::remove:
        return true;
    default:
        return false;
    }
}

bool can_strike(Fault fault, Operation operation) {
    switch (fault) {
    case Fault::io_error:
        return true;
    case Fault::full:
        return operation == Operation::write;
    case Fault::locked:
        return operation == Operation::lock;
    case Fault::corrupt_read:
        return operation == Operation::read;
    }
    return false;
}

Outcome outcome_of(Fault fault) {
    switch (fault) {
    case Fault::io_error:
        return Outcome::failed;
    case Fault::full:
        return Outcome::full;
    case Fault::locked:
        return Outcome::locked;
    case Fault::corrupt_read:
        return Outcome::corrupted;
    }
    return Outcome::failed;
}

} // namespace

Outcome Drive::begin(Operation operation) {
    if (stopped_) return Outcome::failed;
    ++operations_;
    if (changes_the_disk(operation) && ++changes_ == stop_at_) {
        stopped_ = true;
        return Outcome::begun;
    }
    return strike(operation).value_or(Outcome::done);
}

std::optional<Outcome> Drive::strike(Operation operation) {
    if (!fault_ || !can_strike(fault_->fault, operation)) return {};
    if (fault_->in > 1) {
        --fault_->in;
        return {};
    }
    struck_ = true;
    const Outcome outcome = outcome_of(fault_->fault);
    if (!fault_->lasting) fault_.reset();
    return outcome;
}

void Drive::fail(std::int64_t nth, Fault fault, bool lasting) {
    fault_ = Planned{nth, fault, lasting};
    struck_ = false;
}

Drive::File Drive::find(const std::string& name) const {
    const auto found = files_.find(name);
    return found == files_.end() ? nullptr : found->second;
}

Drive::File Drive::make(const std::string& name) {
    return files_[name] = std::make_shared<StoredFile>();
}

void Drive::end_process() {
    ++process_;
    stop_at_.reset();
    stopped_ = false;
    fault_.reset();
}

void Drive::lose_power(std::uint64_t seed) {
    end_process();
    Random random(seed);
    std::set<std::string> names;
    for (const auto* directory : {&files_, &durable_files_})
        for (const auto& [name, file] : *directory)
            names.insert(name);
    std::map<std::string, File> left;
    for (const std::string& name : names) {
        const auto durable = durable_files_.find(name);
        const File before = durable == durable_files_.end() ? nullptr : durable->second;
        const File now = find(name);
        const File& drawn = now == before || draw(random, 2) == 0 ? now : before;
        if (drawn) left[name] = drawn;
    }
    for (const auto& [name, file] : left)
        file->lose_power(random);
    files_ = left;
    durable_files_ = std::move(left);
}

} // namespace medibridge::disk
