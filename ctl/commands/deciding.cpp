#include "ctl/clean.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/show/show.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <ostream>

namespace medibridge::ctl::commands {

namespace {

constexpr std::size_t preview_rows = 20;

/// One decision on its way.
struct Wanted {
    std::string id;
    std::string medicapp_id;
    std::string token;
};

/// These write about a patient: for a script that says yes the token of this moment is fetched, so
/// that what is decided is about what is there. The others work while a side is down, too.
bool writes(const std::string& decision) {
    return decision == "link" || decision == "create" || decision == "update";
}

/// A refusal is an answer; whatever else goes wrong ends the command.
Json decided(Session& session, const std::string& decision, const Wanted& wanted) {
    Json body{{"decision", decision}};
    if (!wanted.medicapp_id.empty()) body["medicapp_id"] = wanted.medicapp_id;
    if (!wanted.token.empty()) body["token"] = wanted.token;
    if (!session.arguments().because.empty()) body["reason"] = session.arguments().because;
    try {
        return session.post(path("/v1/held/", wanted.id, "/decision"), body);
    } catch (const Ended& ended) {
        if (ended.exit() != ExitCode::refused) throw;
        return Json{{"id", wanted.id},
                    {"decision", decision},
                    {"result", "refused"},
                    {"reason", ended.what()}};
    }
}

bool is_refused(const Json& answer) {
    return raw_text(answer, "result") == "refused";
}

std::string question(const std::string& decision, const Wanted& wanted) {
    std::string text = decision + " " + clean(wanted.id);
    if (!wanted.medicapp_id.empty()) text += " with Medicapp " + clean(wanted.medicapp_id);
    return text + "?";
}

/// Reads the values at this moment; shows them and asks, where nobody has said yes.
void look(Session& session, const std::string& decision, Wanted& wanted) {
    const Json held = session.get(path("/v1/held/", wanted.id));
    wanted.token = raw_text(held, "token");
    if (session.arguments().yes) return;
    const auto text = show::held_patient(held, session.style()) + "\n";
    if (session.json())
        session.say(text);
    else
        session.print(held, text);
    session.confirm(question(decision, wanted));
}

ExitCode decide_one(Session& session, const std::string& decision, Wanted wanted) {
    const bool is_asked = !session.arguments().yes;
    if (wanted.token.empty() && (is_asked || writes(decision))) {
        session.require_decider();
        session.must_answer(question(decision, wanted), "or --token of what `held show` showed");
        look(session, decision, wanted);
    }
    const Json answer = decided(session, decision, wanted);
    session.print(answer, show::decision(answer, session.style()));
    return is_refused(answer) ? ExitCode::refused : ExitCode::ok;
}

/// Those of the filter for whom the decision is open. Whom a person ignored is not among them: who
/// decides for all sees only the first lines, and a twin who is known as one is soon overlooked;
/// `--kind excluded` means them, too.
struct Matching {
    Json items = Json::array();
    std::size_t ignored = 0; ///< who are left as they are
};

Matching matching(Session& session, const std::string& decision) {
    const Filter& filter = session.arguments().filter;
    const Json answer = session.get(query("/v1/held", {{"reason", filter.reason},
                                                       {"source", filter.source},
                                                       {"since", session.since(filter.since)},
                                                       {"search", filter.search},
                                                       {"kind", filter.kind}}));
    Matching all;
    const Json& held = value_in(answer, "held");
    if (!held.is_array()) return all;
    for (const Json& item : held) {
        const auto offered = texts_in(item, "decisions");
        const bool fits = offered.empty() || std::ranges::find(offered, decision) != offered.end();
        const bool named = decision != "link" || !raw_text(item, "medicapp_id").empty();
        if (!fits || !named) continue;
        if (value_in(item, "ignored").is_object() && filter.kind != "excluded")
            ++all.ignored;
        else
            all.items.push_back(item);
    }
    return all;
}

std::vector<Wanted> chosen(Session& session, const std::string& decision) {
    session.require_decider();
    std::vector<Wanted> wanted;
    if (!session.arguments().ids.empty()) {
        for (const std::string& id : session.arguments().ids)
            wanted.push_back({id, {}, {}});
        session.confirm(decision + " these " + std::to_string(wanted.size()) + "?");
        return wanted;
    }
    const auto [items, ignored] = matching(session, decision);
    if (ignored > 0)
        session.say(fmt::format(
            "{} ignored by an operator: left as they are (--kind excluded takes them, too)\n",
            ignored));
    if (items.empty()) return wanted;
    const std::string count = std::to_string(items.size());
    const std::string prompt = decision + ": type " + count + " to decide this for all of them:";
    session.say(show::held_rows(items, preview_rows, session.style()));
    session.confirm_text(prompt, count);
    for (const Json& item : items)
        wanted.push_back(
            {raw_text(item, "id"), decision == "link" ? raw_text(item, "medicapp_id") : "", {}});
    return wanted;
}

/// The token as it is now: the operator has confirmed the whole, not each by its values. A patient
/// who is gone from the list meanwhile is refused by the decision itself.
void take_token(Session& session, Wanted& wanted) {
    try {
        wanted.token = raw_text(session.get(path("/v1/held/", wanted.id)), "token");
    } catch (const Ended& ended) {
        if (ended.exit() != ExitCode::refused) throw;
    }
}

/// What has been decided is told, even if the rest cannot be.
class Tally {
  public:
    explicit Tally(Session& session) : session_(&session) {}
    void add(const Json& answer) {
        answers_.push_back(answer);
        ++counts_[raw_text(answer, "result")];
        if (!session_->json()) session_->print(answer, show::decision(answer, session_->style()));
    }
    ExitCode finish() {
        const auto counted = [&](const char* result) {
            const auto found = counts_.find(result);
            return found == counts_.end() ? 0 : found->second;
        };
        const Json all{{"decisions", answers_},
                       {"applied", counted("applied")},
                       {"pending", counted("pending")},
                       {"refused", counted("refused")}};
        std::string text;
        for (const char* result : {"applied", "pending", "refused"})
            if (counted(result) > 0)
                text += (text.empty() ? "" : ", ") + std::to_string(counted(result)) + " " + result;
        session_->print(all, (text.empty() ? "nobody matches" : text) + "\n");
        return counted("refused") > 0 ? ExitCode::refused : ExitCode::ok;
    }

  private:
    Session* session_;
    Json answers_ = Json::array();
    std::map<std::string, int> counts_;
};

ExitCode decide_many(Session& session, const std::string& decision) {
    const std::vector<Wanted> all = chosen(session, decision);
    Tally tally(session);
    const auto broken_off = [&](ExitCode exit, const std::string& why) {
        tally.finish();
        *session.surroundings().terminal.err << "medibridgectl: " << clean(why)
                                             << "; the rest was not decided\n";
        return exit;
    };
    try {
        for (Wanted wanted : all) {
            if (writes(decision)) take_token(session, wanted);
            tally.add(decided(session, decision, wanted));
        }
    } catch (const Ended& ended) {
        return broken_off(ended.exit(), ended.what());
    } catch (const Unreachable& failure) {
        return broken_off(ExitCode::unavailable, failure.what());
    }
    return tally.finish();
}

} // namespace

ExitCode decide(Session& session, const std::string& decision) {
    const Arguments& arguments = session.arguments();
    if (arguments.ids.size() != 1) return decide_many(session, decision);
    return decide_one(session, decision,
                      {arguments.ids.front(), arguments.medicapp_id, arguments.token});
}

} // namespace medibridge::ctl::commands
