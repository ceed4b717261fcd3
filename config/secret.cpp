#include "config/secret.hpp"

#include "base/bytes/ascii.hpp"
#include "base/files/content.hpp"
#include "config/exposure.hpp"
#include "config/values.hpp"

#include <algorithm>

namespace medibridge::config {

namespace {

constexpr std::string_view reference_fix = "write {file: PATH}, {env: NAME} or {credential: NAME}";

/// A secret's text, or why there is none (in words that do not hold it).
struct Found {
    Found() = default;
    Found(Found&&) = default;
    Found& operator=(Found&&) = default;
    ~Found() { base::wipe(text.data(), text.size()); }

    std::string text;
    std::string fault;   ///< empty: found
    std::string advice;  ///< what should be changed about where it was found
    bool unseen = false; ///< the fault is that this process may not look there
};

Found read_file(const std::string& path) {
    Found found;
    auto file = files::open_given(path);
    if (!file) {
        found.fault = file.error().text;
        return found;
    }
    auto exposure = exposure_of_secret(*file, path);
    found.fault = std::move(exposure.refused);
    found.advice = std::move(exposure.advice);
    if (!found.fault.empty()) return found;
    auto text = files::read_all(*file, max_secret_size);
    if (text)
        found.text = std::move(*text);
    else
        found.fault = text.error().text + (text.error().error == 0 ? ": it is not a secret" : "");
    return found;
}

Found read_credential(const std::string& name, const Environment& environment) {
    Found found;
    if (name.find('/') != std::string::npos || name == "." || name == "..") {
        found.fault = "is not a credential name: it must not hold a `/`";
        return found;
    }
    const auto directory = environment("CREDENTIALS_DIRECTORY");
    if (!directory || directory->empty()) {
        found.fault = "cannot be read: $CREDENTIALS_DIRECTORY is not set. systemd sets it for the "
                      "service (LoadCredential=); by hand it names the folder that has them, such "
                      "as /etc/medibridge/credentials";
        found.unseen = true;
        return found;
    }
    found = read_file(*directory + "/" + name);
    if (!found.fault.empty()) found.fault += " " + std::string(of_credentials_directory);
    return found;
}

Found read_variable(const std::string& name, const Environment& environment) {
    Found found;
    auto text = environment(name);
    if (text)
        found.text = std::move(*text);
    else
        found.fault = "is not set";
    return found;
}

/// What is wrong with the secret itself; empty: nothing.
std::string_view unfit(std::string_view text, SecretUse use) {
    const auto all = [text](auto fits) { return std::all_of(text.begin(), text.end(), fits); };
    const auto visible = base::is_ascii_graphic;
    if (text.empty()) return "is empty";
    if (use == SecretUse::pem) {
        const bool lines =
            all([&](char c) { return visible(c) || c == ' ' || c == '\n' || c == '\r'; });
        return lines ? "" : "holds a character that a PEM file must not hold";
    }
    const bool no_control =
        all([](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
    if (!no_control) return "holds a line end or another control character";
    if (use == SecretUse::token && !all(visible))
        return "holds a space or a character that a token must not hold";
    if (use == SecretUse::header && !all([&](char c) { return visible(c) || c == ' '; }))
        return "holds a character that an HTTP header must not hold";
    if (use == SecretUse::key && (text.size() != 64 || !all(base::is_hex_digit)))
        return "is not 64 hexadecimal digits: make one with `openssl rand -hex 32`";
    return {};
}

/// The one reference that stands in the mapping; reports none, several and bad ones.
std::optional<std::pair<std::string, std::string>> reference(const Value& value, Report& report) {
    if (value.node->kind != Node::Kind::mapping) {
        report.mistake(value.place, quote(value.path) +
                                        " must refer to a secret, which must never be in this "
                                        "file itself: " +
                                        std::string(reference_fix) +
                                        "; replace a secret that was ever in a file like this one");
        return std::nullopt;
    }
    const auto before = report.mistakes();
    std::optional<std::pair<std::string, std::string>> chosen;
    int given = 0;
    {
        Section section(value, report, Section::Repeat::nothing);
        for (const char* kind : {"file", "env", "credential"}) {
            const auto place = section.find(kind);
            if (section.has(kind)) ++given;
            if (!place) continue;
            if (auto text = read_text(*place, report)) chosen.emplace(kind, std::move(*text));
        }
    }
    if (given != 1 && report.mistakes() == before)
        report.mistake(value.place, quote(value.path) + " must hold exactly one reference: " +
                                        std::string(reference_fix));
    return report.mistakes() == before ? chosen : std::nullopt;
}

/// What a mistake calls the reference. A name that might be the secret itself, put in the wrong
/// place, is left out: line and column tell where it stands.
std::string subject(const Value& value, const std::string& kind, const std::string& target) {
    const auto is_variable = [](char c) {
        return base::is_ascii_upper(c) || base::is_ascii_digit(c) || c == '_';
    };
    const std::string start = quote(value.path) + ": the ";
    if (kind == "file" && target.find('/') != std::string::npos)
        return start + "file " + quote(target);
    if (kind == "env" && std::all_of(target.begin(), target.end(), is_variable))
        return start + "environment variable " + quote(target);
    return start + (kind == "env" ? "environment variable" : kind) + " named here";
}

} // namespace

std::optional<Secret> read_secret(const Value& value, Report& report, SecretUse use) {
    const auto chosen = reference(value, report);
    if (!chosen) return std::nullopt;
    const auto& [kind, target] = *chosen;
    Found found = kind == "file"  ? read_file(target)
                  : kind == "env" ? read_variable(target, report.environment())
                                  : read_credential(target, report.environment());
    if (found.fault.empty()) {
        while (!found.text.empty() && (found.text.back() == '\n' || found.text.back() == '\r'))
            found.text.pop_back();
        found.fault = unfit(found.text, use);
    }
    if (found.unseen && report.excuses_unseen()) {
        report.leave_unseen(value.place, subject(value, kind, target) + " " + found.fault);
        return std::nullopt;
    }
    if (!found.fault.empty()) {
        report.mistake(value.place, subject(value, kind, target) + " " + found.fault);
        return std::nullopt;
    }
    if (!found.advice.empty())
        report.expose(value.place, subject(value, kind, target) + " " + found.advice);
    return Secret(found.text);
}

} // namespace medibridge::config
