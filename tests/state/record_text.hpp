#pragma once

#include "state/store.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Records as text, every member in it, so that they can be compared and a difference be read.
namespace medibridge::state::test {

std::string text(const Link& link);
std::string text(const Unlinked& unlinked);
std::string text(const Intent& intent);
std::string text(const Held& held);
std::string text(const Tombstone& tombstone);
std::string text(const OperatorDecision& decision);
std::string text(const Known& known);
std::string text(const Watermark& watermark);
std::string text(const AuditEntry& entry);
std::string text(const Counts& counts);
std::string text(const Waiting& waiting);
/// Everything that a store answers, as far as it is asked by name: of externalIds, Medicapp ids and
/// keys of meta. What has no promised order is sorted.
std::string text(Store& store, const std::vector<std::string>& names);

template <class Record>
std::string text(const std::optional<Record>& record) {
    return record ? text(*record) : "none";
}

template <class Record>
std::string text(const std::shared_ptr<const Record>& record) {
    return record ? text(*record) : "none";
}

template <class Record>
std::string text(const std::vector<Record>& records) {
    std::string all;
    for (const Record& record : records)
        all += text(record) + "\n";
    return all;
}

} // namespace medibridge::state::test
