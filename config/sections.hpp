#pragma once

#include "config/section.hpp"
#include "config/settings.hpp"

#include <optional>
#include <vector>

/// Readers of the file's sections. Each reports what is wrong and fills in the rest.
namespace medibridge::config {

void read_medicapp(const Value& value, Report& report, MedicappSettings& out);
void read_sync(const Value& value, Report& report, SyncSettings& out);
void read_authority(const Value& value, Report& report, reconcile::Policy& out);
void read_identity(const Value& value, Report& report, reconcile::IdentityPolicy& out);
void read_state(const Value& value, Report& report, StateSettings& out);
void read_log(const Value& value, Report& report, LogSettings& out);
void read_http(const Value& value, Report& report, std::optional<HttpSettings>& out);
void read_audit(const Value& value, Report& report, AuditSettings& out);
void read_control(const Value& value, Report& report, ControlSettings& out);

/// The list of sources, each of one of the kinds.
void read_his(const Value& value, Report& report, const SourceKinds& kinds,
              std::vector<SourceSettings>& out);

} // namespace medibridge::config
