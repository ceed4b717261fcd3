#pragma once

#include "disk/simulated_disk.hpp"
#include "state/facts_log.hpp"
#include "state/store.hpp"

namespace medibridge::disk {

/// The facts beside a state on a simulated disk.
class SimulatedFacts final : public state::AppendOnly {
  public:
    explicit SimulatedFacts(SimulatedDisk& disk, std::string name = "state.db.facts")
        : disk_(disk),
          name_(std::move(name)) {}

    std::string read() override {
        const auto files = disk_.files();
        const auto found = files.find(name_);
        return found == files.end() ? std::string() : found->second;
    }

    void append(const std::string& text) override {
        if (!disk_.append(name_, text))
            throw state::StoreError(state::StoreError::Kind::unavailable,
                                    "cannot write the facts beside the state, " + name_);
    }

  private:
    SimulatedDisk& disk_;
    std::string name_;
};

} // namespace medibridge::disk
