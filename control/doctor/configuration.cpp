#include "control/doctor/configuration.hpp"

namespace medibridge::control::doctor {

namespace {

constexpr const char* subject = "configuration";

std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

} // namespace

Checks judge_configuration(const ConfigFindings& findings) {
    Checks checks;
    for (const auto& mistake : findings.mistakes)
        checks.push_back(fail(subject, mistake,
                              "correct the file and check it: medibridged --check-config; the "
                              "service goes on with what it read before"));
    for (const auto& advice : findings.advice)
        checks.push_back(warn(subject, advice, "change it as the message says, then reload"));
    if (checks.empty()) checks.push_back(ok(subject, "the file has no mistakes"));
    return checks;
}

Checks judge_mapping(const config::SourceSettings& source) {
    if (source.unseen.empty()) return {};
    return {warn("source " + source.name + ": mapping",
                 "it does not tell " + listed(source.unseen) +
                     ": such patients would be created in Medicapp",
                 "map them in `fields`, or say in `safety` that the source has none")};
}

} // namespace medibridge::control::doctor
