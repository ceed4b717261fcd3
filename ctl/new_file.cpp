#include "ctl/new_file.hpp"

#include "base/files/content.hpp"
#include "ctl/clean.hpp"
#include "ctl/session.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace medibridge::ctl {

void end_for_file(const std::filesystem::path& file, const std::string& why) {
    throw Ended(ExitCode::usage, clean(file.string()) + ": " + why);
}

void write_new_file(const std::filesystem::path& file, const std::string& text) {
    const auto out = files::make_file(file, 0600);
    if (!out)
        end_for_file(file, out.error().error == EEXIST ? "exists already: give a new name"
                                                       : out.error().text);
    auto fault = files::write_all(*out, text);
    if (!fault && ::fsync(out->number()) != 0)
        fault = files::Fault(errno, std::generic_category().message(errno));
    if (!fault) return;
    ::unlink(file.c_str());
    end_for_file(file, fault->text);
}

} // namespace medibridge::ctl
