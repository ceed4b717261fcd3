#pragma once

#include "ctl/session.hpp"

/// Internal to the room: what each command does. They throw Ended and Unreachable.
namespace medibridge::ctl::commands {

ExitCode status(Session& session);
ExitCode why(Session& session);
ExitCode find(Session& session);
ExitCode pseudonym(Session& session);
ExitCode probe(Session& session);
ExitCode doctor(Session& session);
ExitCode guard_show(Session& session);
ExitCode audit(Session& session);

ExitCode held_list(Session& session);
ExitCode held_show(Session& session);
/// `retry`, `link`, `create`, `update` or `ignore`.
ExitCode decide(Session& session, const std::string& decision);

/// As `medibridged --once` exits after a cycle with that outcome.
ExitCode exit_for_outcome(const std::string& outcome);
ExitCode sync(Session& session);
ExitCode accept_mapping(Session& session);
ExitCode accept_rewind(Session& session);
ExitCode accept_space(Session& session);
ExitCode accept_changes(Session& session);
ExitCode pause(Session& session);
ExitCode resume(Session& session);

ExitCode plan_save(Session& session);
ExitCode plan_apply(Session& session);

ExitCode erase(Session& session);
ExitCode backup(Session& session);
/// The session's Api is one in this process: no daemon runs.
ExitCode restore(Session& session);
ExitCode rotate_key(Session& session);

/// Needs no daemon: asks for a configuration, tries it, and writes it.
ExitCode set_up(const Arguments& arguments, const Surroundings& surroundings);
/// Needs no daemon: reads the journal.
ExitCode events(const Arguments& arguments, const Surroundings& surroundings);

} // namespace medibridge::ctl::commands
