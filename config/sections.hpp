#pragma once

#include "config/section.hpp"
#include "config/settings.hpp"

#include <map>
#include <string>
#include <vector>

/// Readers of the file's sections. Each reports what is wrong and fills in the rest.
namespace medibridge::config {

void read_medicapp(const Value& value, Report& report, MedicappSettings& out);
void read_sync(const Value& value, Report& report, SyncSettings& out);
void read_authority(const Value& value, Report& report, reconcile::Policy& out);
void read_identity(const Value& value, Report& report, reconcile::IdentityPolicy& out);
void read_state(const Value& value, Report& report, StateSettings& out);
void read_log(const Value& value, Report& report, LogSettings& out);

/// The list of sources.
void read_his(const Value& value, Report& report, std::vector<SourceSettings>& out);
void read_rest_source(Section& section, RestSource& out);
void read_auth(const Value& value, Report& report, Auth& out);
void read_fields(const Value& value, Report& report, std::map<std::string, FieldPlace>& out);

/// A JSON pointer to something inside the document (RFC 6901).
std::optional<std::string> read_pointer(const Value& value, Report& report);

} // namespace medibridge::config
