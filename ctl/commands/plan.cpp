#include "base/bytes/descriptor.hpp"
#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

namespace medibridge::ctl::commands {

namespace {

constexpr std::size_t largest_plan = 256u << 20;

[[noreturn]] void throw_file(const std::filesystem::path& file, const std::string& why) {
    throw Ended(ExitCode::usage, clean(file.string()) + ": " + why);
}

/// A new file, mode 0600: it names patients. Nothing is left behind where it cannot be written.
void write_new(const std::filesystem::path& file, const std::string& text) {
    const base::Descriptor out(file, O_WRONLY | O_CREAT | O_EXCL);
    if (!out.is_open())
        throw_file(file, errno == EEXIST ? "exists already: give a new name"
                                         : std::generic_category().message(errno));
    std::size_t written = 0;
    while (written < text.size()) {
        const auto count = write(out.number(), text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) {
            const int error = errno;
            unlink(file.c_str());
            throw_file(file, std::generic_category().message(error));
        }
        written += static_cast<std::size_t>(count);
    }
    if (fsync(out.number()) != 0) throw_file(file, std::generic_category().message(errno));
}

Json read_plan(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw_file(file, "cannot be read: " + std::generic_category().message(errno));
    std::string text{std::istreambuf_iterator<char>(in), {}};
    auto object = text.size() <= largest_plan ? object_of(text) : std::nullopt;
    if (!object || !value_in(*object, "items").is_array())
        throw_file(file, "is no plan that `plan save` wrote");
    return *std::move(object);
}

} // namespace

ExitCode plan_save(Session& session) {
    const auto& file = session.arguments().file;
    std::error_code error;
    if (std::filesystem::exists(file, error)) throw_file(file, "exists already: give a new name");
    const Json answer = session.work("POST", "/v1/plans", {{"full", session.arguments().full}});
    const Json& plan = value_in(answer, "plan");
    if (!value_in(plan, "items").is_array())
        throw Ended(ExitCode::internal, "the answer holds no plan");
    write_new(file, dumped(plan) + "\n");
    session.print(Json{{"file", file.string()}, {"items", value_in(plan, "items").size()}},
                  show::plan(plan, session.style()) + "to carry it out: " +
                      session.style().program + " plan apply " + shell_word(file.string()) + "\n");
    return ExitCode::ok;
}

ExitCode plan_apply(Session& session) {
    const Json plan = read_plan(session.arguments().file);
    session.say(show::plan(plan, session.style()));
    session.confirm("Carry out this plan?");
    const Json answer = session.work("POST", "/v1/plans/application", {{"plan", plan}});
    session.print(answer, show::plan_applied(answer, session.style()));
    const Json& left = value_in(answer, "left");
    return left.is_array() && !left.empty() ? ExitCode::refused : ExitCode::ok;
}

} // namespace medibridge::ctl::commands
