#include "desk.hpp"

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

// Each reason of a hold: caused, seen, decided, gone, audited.
namespace medibridge::tests {
namespace {

using Method = http::Method;
using Json = nlohmann::json;
using testing::Contains;
using testing::EndsWith;
using testing::HasSubstr;

/// How a patient comes to be held, and what an operator does about it.
struct Situation {
    std::string reason;
    std::string kind; ///< `decide` or `excluded`
    /// Causes it; the patient's externalId.
    std::function<std::string(Desk&)> cause;
    std::string decision;
    /// What is mended before the decision; may be empty.
    std::function<void(Desk&, const std::string&)> mend;
    /// What must hold once the patient is released.
    std::function<void(Desk&, const std::string&)> end;
};

void PrintTo(const Situation& situation, std::ostream* out) {
    *out << situation.reason << " " << situation.decision;
}

std::string first_of(Desk& desk) {
    return desk.ids().front();
}

/// Whoever fails it is not served, while somebody else is.
std::string failing_newcomer(Desk& desk, const std::string& fault) {
    desk.hospital.set_faults({fault});
    desk.in_his(his_person(newcomer));
    return newcomer;
}

std::string marked(Desk& desk, const std::string& field, const Json& value) {
    const auto id = first_of(desk);
    desk.in_his({{"ipp", id}, {field, value}});
    return id;
}

std::string twin_in_medicapp(Desk& desk) {
    desk.in_medicapp(medicapp_person());
    desk.in_his(his_person(newcomer));
    return newcomer;
}

void no_faults(Desk& desk, const std::string&) {
    desk.hospital.set_faults({});
}

std::function<void(Desk&, const std::string&)> unmarked(std::string field, Json value) {
    return [field = std::move(field), value = std::move(value)](Desk& desk, const std::string& id) {
        desk.in_his({{"ipp", id}, {field, value}});
    };
}

void is_in_medicapp(Desk& desk, const std::string& id) {
    EXPECT_EQ(desk.medicapp(id)["lastName"], "Marchand") << desk.medicapp(id);
}

std::function<void(Desk&, const std::string&)> medicapp_has(std::size_t patients) {
    return [patients](Desk& desk, const std::string& id) {
        EXPECT_EQ(desk.hospital.stats()["medicapp"]["patients"], patients);
        EXPECT_FALSE(desk.medicapp(id).is_null());
    };
}

void nothing_more(Desk&, const std::string&) {}

std::vector<Situation> situations() {
    const auto erased = [](Desk& desk) {
        const auto id = first_of(desk);
        desk.hospital.control(Method::delete_, "/medicapp/patients/" + id);
        return id;
    };
    const auto renamed = [](Desk& desk) {
        const auto id = first_of(desk);
        auto person = his_person(id);
        person["etatCivil"]["prenoms"] = {"Gontran"};
        desk.in_his(person);
        return id;
    };
    const auto other_holder = [](Desk& desk) {
        auto holder = medicapp_person("Dubreuil");
        holder["externalId"] = newcomer;
        desk.in_medicapp(holder);
        desk.in_his(his_person(newcomer));
        return std::string(newcomer);
    };
    const auto without_birth_date = [](Desk& desk) {
        auto person = his_person(newcomer);
        person["etatCivil"]["dateNaissance"] = nullptr;
        desk.in_his(person);
        return std::string(newcomer);
    };
    const auto merged = [](Desk& desk) { return marked(desk, "remplacePar", desk.ids().back()); };
    const auto refused_change = [](Desk& desk) {
        const auto id = first_of(desk);
        desk.hospital.set_faults({"PUT@" + id + ":1+:409"});
        desk.in_his({{"ipp", id}, {"contact", {{"mail", "new@example.org"}}}});
        return id;
    };
    const auto behind_a_firewall = [](Desk& desk) {
        // Somebody else's write succeeds in each of the cycles.
        return failing_newcomer(desk, "POST@" + std::string(newcomer) + ":1+:html=403");
    };
    const auto refused_data = [](Desk& desk) {
        return failing_newcomer(desk, "POST@" + std::string(newcomer) + ":1+:400");
    };
    const auto taken_by_nobody = [](Desk& desk) {
        return failing_newcomer(desk, "POST@" + std::string(newcomer) + ":1+:409");
    };
    const auto with_mail = [](Desk& desk, const std::string& id) {
        EXPECT_EQ(desk.medicapp(id)["email"], "new@example.org");
    };
    return {
        {"possible_duplicate", "decide", twin_in_medicapp, "link", {}, medicapp_has(7)},
        {"possible_duplicate", "decide", twin_in_medicapp, "create", {}, medicapp_has(8)},
        {"possible_duplicate", "decide", twin_in_medicapp, "ignore", {}, nothing_more},
        {"divergence", "decide", renamed, "update", {}, is_in_medicapp},
        {"erased_in_medicapp", "decide", erased, "create", {}, medicapp_has(6)},
        {"erased_in_medicapp", "decide", erased, "ignore", {}, nothing_more},
        {"identity_mismatch", "decide", other_holder, "link", {}, is_in_medicapp},
        {"invalid", "decide", without_birth_date, "retry",
         [](Desk& desk, const std::string& id) { desk.in_his(his_person(id)); }, is_in_medicapp},
        {"deceased", "excluded", [](Desk& desk) { return marked(desk, "decede", true); }, "retry",
         unmarked("decede", false), nothing_more},
        {"inactive_in_his", "excluded", [](Desk& desk) { return marked(desk, "actif", false); },
         "retry", unmarked("actif", true), nothing_more},
        {"identity_status", "excluded",
         [](Desk& desk) { return marked(desk, "statutIdentite", "DOUT"); }, "retry",
         unmarked("statutIdentite", "VALI"), nothing_more},
        {"merged_in_his", "excluded", merged, "retry", unmarked("remplacePar", nullptr),
         nothing_more},
        {"rejected", "decide", refused_data, "retry", no_faults, is_in_medicapp},
        {"conflict_unresolved", "decide", taken_by_nobody, "retry", no_faults, is_in_medicapp},
        {"external_id_taken", "decide", refused_change, "retry", no_faults, with_mail},
        {"refused_by_server", "decide", behind_a_firewall, "retry", no_faults, is_in_medicapp},
    };
}

class HoldTest : public testing::TestWithParam<Situation> {};

TEST_P(HoldTest, IsSeenDecidedGoneAndAudited) {
    const auto& it = GetParam();
    Desk desk;
    const auto id = it.cause(desk);
    if (it.reason == "refused_by_server")
        for (int i = 1; i <= 3; ++i) {
            desk.in_his(his_person("880000010" + std::to_string(i), "Autre"));
            desk.type({"sync"});
        }
    const auto entry = desk.held_for(id, it.reason);
    ASSERT_FALSE(entry.is_null());
    // Medicapp would refuse the same record again.
    EXPECT_EQ(entry["next_look"].is_null(), it.reason == "rejected") << entry;
    EXPECT_EQ(entry["kind"], it.kind);
    EXPECT_TRUE(entry["since"].is_string());

    const auto seen = desk.ask({"held", "show", id});
    EXPECT_EQ(seen["reason"], it.reason) << seen;
    EXPECT_THAT(seen["decisions"], Contains(it.decision)) << seen;
    const auto text = desk.type({"held", "show", id});
    EXPECT_THAT(text.out, HasSubstr("medibridgectl --config"));
    EXPECT_THAT(text.out, HasSubstr("held " + it.decision)) << text.out;
    for (const auto& known : {seen["detail"], seen["request_id"], seen["pseudonym"]})
        if (known.is_string()) EXPECT_THAT(text.out, HasSubstr(known.get<std::string>()));
    for (const auto& field : seen["fields"])
        EXPECT_THAT(text.out, HasSubstr(field.get<std::string>()));
    if (it.reason == "merged_in_his") {
        EXPECT_EQ(seen["other"]["is"], "survivor") << seen;
        EXPECT_EQ(seen["other"]["patient"]["externalId"], seen["other"]["external_id"]);
        EXPECT_THAT(text.out, HasSubstr("goes on as"));
    }

    if (it.mend) it.mend(desk, id);
    std::vector<std::string> words{"held", it.decision, id};
    if (it.decision == "link") {
        const auto& other = seen["candidates"].empty() ? seen["medicapp"]["id"]
                                                       : seen["candidates"][0]["medicapp_id"];
        words.push_back(other.get<std::string>());
    }
    const auto decided = desk.ask(words);
    EXPECT_EQ(decided["id"], id);
    EXPECT_EQ(decided["decision"], it.decision);
    EXPECT_EQ(decided["result"], "applied") << decided;
    EXPECT_EQ(decided["reason"], nullptr);

    const auto after = desk.held(id);
    if (it.decision == "ignore")
        EXPECT_EQ(after["kind"], "excluded") << after;
    else
        EXPECT_TRUE(after.is_null()) << after;
    it.end(desk, id);
    EXPECT_THAT(desk.audited(id), Contains(EndsWith(":decided")));
    EXPECT_TRUE(desk.ask({"audit", "--verify"})["intact"]);
    EXPECT_EQ(desk.end(), 0) << desk.service->err();
}

INSTANTIATE_TEST_SUITE_P(Each, HoldTest, testing::ValuesIn(situations()), [](const auto& info) {
    return info.param.reason + "_" + info.param.decision;
});

} // namespace
} // namespace medibridge::tests
