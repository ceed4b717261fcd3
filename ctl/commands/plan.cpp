#include "base/files/content.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/new_file.hpp"
#include "ctl/show/show.hpp"

#include <system_error>

namespace medibridge::ctl::commands {

namespace {

constexpr std::size_t largest_plan = 256u << 20;

Json read_plan(const std::filesystem::path& file) {
    const auto text = files::read_given(file, largest_plan);
    if (!text) end_for_file(file, text.error().text);
    auto object = object_of(*text);
    if (!object || !value_in(*object, "items").is_array())
        end_for_file(file, "is no plan that `plan save` wrote");
    return *std::move(object);
}

/// What stopped it is nowhere else: it was a dry run.
Json made_plan(Session& session) {
    try {
        return session.work("POST", "/v1/plans", {{"full", session.arguments().full}});
    } catch (const Ended& ended) {
        const Json error = ended.error();
        const Json& guards = value_in(value_in(error, "error"), "guards");
        if (guards.is_array() && !guards.empty())
            session.say(show::guards(Json{{"guards", guards}}, session.style()));
        throw;
    }
}

} // namespace

ExitCode plan_save(Session& session) {
    const auto& file = session.arguments().file;
    std::error_code error;
    if (std::filesystem::exists(file, error)) end_for_file(file, "exists already: give a new name");
    const Json answer = made_plan(session);
    const Json& plan = value_in(answer, "plan");
    if (!value_in(plan, "items").is_array())
        throw Ended(ExitCode::internal, "the answer holds no plan");
    write_new_file(file, dumped(plan) + "\n");
    session.print(Json{{"file", file.string()}, {"items", value_in(plan, "items").size()}},
                  show::plan(plan, session.style()) + "to carry it out: " +
                      session.style().program + " plan apply " + shell_word(file.string()) + "\n");
    return ExitCode::ok;
}

ExitCode plan_apply(Session& session) {
    const Json plan = read_plan(session.arguments().file);
    session.require_decider();
    session.say(show::plan(plan, session.style()));
    session.confirm("Carry out this plan?");
    const Json answer = session.work("POST", "/v1/plans/application", {{"plan", plan}});
    session.print(answer, show::plan_applied(answer, session.style()));
    const auto outcome = exit_for_outcome(raw_text(answer, "outcome"));
    if (outcome == ExitCode::guarded || outcome == ExitCode::forbidden) return outcome;
    const Json& left = value_in(answer, "left");
    if (!left.is_array() || left.empty()) return ExitCode::ok;
    return outcome == ExitCode::ok ? ExitCode::refused : outcome;
}

} // namespace medibridge::ctl::commands
