#include "ctl/session.hpp"

#include "base/bytes/encode.hpp"
#include "ctl/clean.hpp"
#include "ctl/progress.hpp"

#include <istream>
#include <ostream>

namespace medibridge::ctl {

namespace {

/// Where the API's error names none that is known.
ExitCode exit_for(int status) {
    switch (status) {
    case 400:
        return ExitCode::usage;
    case 403:
        return ExitCode::forbidden;
    case 404:
    case 409:
        return ExitCode::refused;
    case 503:
        return ExitCode::unavailable;
    default:
        return ExitCode::internal;
    }
}

ExitCode exit_of(const Json& error, int status) {
    switch (number_in(error, "exit")) {
    case 64:
        return ExitCode::usage;
    case 65:
        return ExitCode::refused;
    case 69:
        return ExitCode::guarded;
    case 70:
        return ExitCode::internal;
    case 75:
        return ExitCode::unavailable;
    case 77:
        return ExitCode::forbidden;
    case 78:
        return ExitCode::configuration;
    default:
        return exit_for(status);
    }
}

const char* code_of(ExitCode exit) {
    switch (exit) {
    case ExitCode::usage:
        return "usage";
    case ExitCode::refused:
        return "refused";
    case ExitCode::unavailable:
        return "unavailable";
    case ExitCode::forbidden:
        return "forbidden";
    case ExitCode::configuration:
        return "configuration";
    default:
        return "internal";
    }
}

} // namespace

Json with_typed_commands(Json answer, const Style& style) {
    if (!value_in(answer, "guards").is_array()) return answer;
    for (Json& guard : answer["guards"])
        for (const char* const key : {"accept", "reason"})
            if (value_in(guard, key).is_string()) guard[key] = style.as_typed(raw_text(guard, key));
    return answer;
}

std::string program_of(const Arguments& arguments) {
    std::string program = "medibridgectl";
    if (!arguments.socket.empty()) program += " --socket " + shell_word(arguments.socket);
    if (arguments.config != default_config)
        program += " --config " + shell_word(arguments.config.string());
    return program;
}

Json Ended::error() const {
    if (!answer_.is_null()) return answer_;
    Json error;
    error["code"] = code_of(exit_);
    error["message"] = what();
    error["exit"] = static_cast<int>(exit_);
    return Json{{"error", std::move(error)}};
}

std::string path(std::string_view before, std::string_view part, std::string_view after) {
    return std::string(before) + base::percent_encode(part) + std::string(after);
}

std::string query(std::string target,
                  std::initializer_list<std::pair<std::string_view, std::string>> parameters) {
    char separator = '?';
    for (const auto& [name, value] : parameters) {
        if (value.empty()) continue;
        target += separator + std::string(name) + "=" + base::percent_encode(value);
        separator = '&';
    }
    return target;
}

Session::Session(Api& api, const Arguments& arguments, const Surroundings& surroundings)
    : api_(&api),
      arguments_(&arguments),
      surroundings_(&surroundings),
      style_{surroundings.terminal.colours, surroundings.terminal.width, surroundings.now(),
             program_of(arguments)} {}

Json Session::call(std::string_view method, const std::string& target, const Json& body,
                   const OnProgress& on_progress) {
    const Answer answer =
        api_->call(method, target, body.is_null() ? "" : dumped(body), on_progress);
    auto object = object_of(answer.json);
    if (!object) throw Ended(ExitCode::internal, "the answer is not a JSON object");
    const Json& error = value_in(*object, "error");
    if (answer.status == 200 && !error.is_object()) return *std::move(object);
    const std::string message = raw_text(error, "message");
    throw Ended(exit_of(error, answer.status), message.empty() ? "the request failed" : message,
                *object);
}

Json Session::get(const std::string& target) {
    return call("GET", target, {}, {});
}

Json Session::post(const std::string& target, const Json& body) {
    return call("POST", target, body, {});
}

Json Session::work(std::string_view method, const std::string& target, const Json& body) {
    const Terminal& terminal = surroundings_->terminal;
    Progress progress(*terminal.err, terminal.err_is_terminal, json() ? nullptr : terminal.out);
    return call(method, target, body, [&](std::string_view line) { progress.heed(line); });
}

void Session::print(const Json& result, const std::string& text) {
    std::ostream& out = *surroundings_->terminal.out;
    if (json())
        out << safe_json(dumped(with_typed_commands(result, style_))) << '\n';
    else
        out << text;
    out.flush();
}

void Session::say(const std::string& text) {
    const bool is_asked = surroundings_->terminal.in_is_terminal && !arguments_->yes;
    if (!json() || is_asked) *surroundings_->terminal.err << text << std::flush;
}

void Session::require_decider() {
    if (!arguments_->yes) get("/v1/decider");
}

void Session::must_answer(const std::string& question, const std::string& alternative) const {
    if (arguments_->yes || surroundings_->terminal.in_is_terminal) return;
    throw Ended(ExitCode::usage, question.substr(0, question.find_last_not_of(": ") + 1) +
                                     ": nobody can be asked here; --yes says yes" +
                                     (alternative.empty() ? "" : ", " + alternative));
}

std::string Session::answered(const std::string& question) {
    must_answer(question);
    const Terminal& terminal = surroundings_->terminal;
    *terminal.err << question << ' ' << std::flush;
    std::string answer;
    std::getline(*terminal.in, answer);
    while (!answer.empty() && (answer.back() == '\r' || answer.back() == ' '))
        answer.pop_back();
    return answer;
}

void Session::confirm(const std::string& question) {
    if (arguments_->yes) return;
    for (;;) {
        const std::string answer = answered(question + " [y/N]");
        const auto is_yes = answer.empty() ? false : yes_or_no(answer);
        if (is_yes == true) return;
        if (is_yes == false) throw Ended(ExitCode::refused, "nothing was done");
        *surroundings_->terminal.err << "  y or n\n";
    }
}

void Session::confirm_text(const std::string& question, const std::string& expected) {
    if (arguments_->yes) return;
    if (answered(question) != expected)
        throw Ended(ExitCode::refused, "that is not what was asked for: nothing was done");
}

std::string Session::since(const std::string& text) const {
    if (text.empty()) return {};
    const auto moment = read_since(text, style_.now);
    if (!moment)
        throw Ended(ExitCode::usage, "--since: `" + clean(text) +
                                         "` is no time: write 2026-11-28T18:00:00Z, 2026-11-28, or "
                                         "how long ago: 90s, 30m, 2h, 3d, 2w");
    return rfc3339(*moment);
}

} // namespace medibridge::ctl
