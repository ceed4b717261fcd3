#pragma once

#include "control/backend.hpp"
#include "control/doctor/check.hpp"

#include <filesystem>
#include <map>
#include <string>

namespace medibridge::control::doctor {

/// What the records of a source are like, without their values.
class RecordFacts {
  public:
    explicit RecordFacts(reconcile::IdentityPolicy policy) : policy_(std::move(policy)) {}
    void take(const std::vector<reconcile::SourceRecord>& records);

    std::int64_t records = 0;
    std::int64_t with_external_id = 0;
    std::int64_t invalid = 0;                   ///< would be held
    std::map<std::string, std::int64_t> faults; ///< by field and reason: those that are held for it
    std::map<std::string, std::int64_t> left_out; ///< the same of optional fields
    std::map<std::string, std::int64_t> unread;   ///< the same of modifiedAt, deceased and the like

  private:
    reconcile::IdentityPolicy policy_;
};

/// What a source answers, from the first page of what it shows.
Checks judge_source(const std::string& name, const SourceLook& look, const RecordFacts& facts);

/// The folder whose files the source reads and moves; empty: it reads none.
std::filesystem::path folder_of(const config::SourceSettings& source);
/// Of a source that reads files: whether the unit that runs with that configuration may write in
/// their folder. `is_tried`: this process is that unit's, and can.
Checks judge_folder(const config::SourceSettings& source, const std::filesystem::path& config_file,
                    bool is_tried);

/// Of a source that reads files from a folder: which ones the cycles left there.
Checks judge_left(const std::string& name, const std::vector<SideStatus>& sides);

/// Of a source that is not asked: whether the cycles could take what senders handed over.
Checks judge_cycles(const std::string& source, const std::vector<SideStatus>& sides);

} // namespace medibridge::control::doctor
