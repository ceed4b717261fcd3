#include "simulated_his.hpp"

#include "base/log/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(RestSourceTest, MapsTheRecordsOfAFrenchHis) {
    auto settings = simple_settings();
    settings.query.page = "";
    settings.fields.clear();
    const auto at = [&settings](const std::string& field, const std::string& place) {
        settings.fields[field].at = place;
    };
    at("externalId", "/ipp");
    at("lastName", "/etatCivil/nomNaissance");
    at("firstName", "/etatCivil/prenoms/0");
    at("birthDate", "/etatCivil/dateNaissance");
    settings.fields["birthDate"].format = "%d/%m/%Y";
    at("gender", "/etatCivil/sexe");
    settings.fields["gender"].map = {{"1", "M"}, {"2", "F"}, {"9", "O"}};
    at("phone", "/contact/mobile");
    at("address.city", "/adresse/commune");
    at("address.country", "/adresse/pays");
    settings.fields["address.country"].default_value = "FR";
    at("modifiedAt", "/majLe");
    SimulatedHis his(settings);
    his.transport.answer = [](const http::Request&) {
        return json_answer(R"({"patients":[{"ipp":8012345678901,
            "etatCivil":{"nomNaissance":"D'HÉRIN","prenoms":["Zoé","Anne"],
                         "dateNaissance":"29/02/1980","sexe":2},
            "contact":{"mobile":"06 12 34 56 78","mail":null},"adresse":{"commune":"Brest"},
            "majLe":"2026-07-14T10:05:00"}]})");
    };
    const auto pass = his.pass();
    ASSERT_FALSE(pass.error) << pass.error->what;
    ASSERT_EQ(pass.records.size(), 1u);
    const auto& record = pass.records[0];
    EXPECT_EQ(record.patient.external_id(), "8012345678901");
    EXPECT_EQ(record.patient[Field::last_name].text(), "D'HÉRIN");
    EXPECT_EQ(record.patient[Field::first_name].text(), "Zoé");
    EXPECT_EQ(record.patient[Field::birth_date].text(), "1980-02-29");
    EXPECT_EQ(record.patient[Field::gender].text(), "F");
    EXPECT_EQ(record.patient[Field::phone].text(), "06 12 34 56 78");
    EXPECT_TRUE(record.patient[Field::email].is_unknown());
    EXPECT_EQ(record.patient[Field::country].text(), "FR");
    EXPECT_EQ(record.modified_at, reconcile::parse_rfc3339("2026-07-14T08:05:00Z")->instant);
    EXPECT_EQ(record.place, "page 1, record 1");
    EXPECT_EQ(pass.pages[0].server_time, reconcile::parse_rfc3339("2026-01-31T12:00:00Z")->instant);
    EXPECT_TRUE(pass.proven);
    EXPECT_EQ(his.source->requests(), 1);
    EXPECT_TRUE(his.log.events.empty());
}

TEST(RestSourceTest, ShowsTheFinestPrecisionOfAPage) {
    SimulatedHis his;
    his.transport.answer = [](const http::Request& request) -> http::Result {
        if (parameter(request.target, "page") == "1")
            return json_answer(list_json({patient_json("1"), patient_json("2")}));
        return json_answer(list_json({patient_json("3", "2026-01-01T00:00:00.100Z")}));
    };
    const auto pass = his.pass();
    ASSERT_EQ(pass.pages.size(), 2u);
    EXPECT_EQ(pass.pages[0].precision, reconcile::Precision::seconds);
    EXPECT_EQ(pass.pages[1].precision, reconcile::Precision::milliseconds);
}

TEST(RestSourceTest, ABadRecordDoesNotHideTheOthers) {
    auto settings = simple_settings();
    settings.query.page = "";
    SimulatedHis his(settings);
    his.transport.answer = [](const http::Request&) {
        return json_answer(
            list_json({patient_json("1"), "7", R"({"ipp":{"x":1}})",
                       "{\"ipp\":\"4\",\"nom\":\"Lef\xE8vre\"}", patient_json("5")}));
    };
    const auto pass = his.pass();
    EXPECT_THAT(pass.ids(), ElementsAre("1", "", "", "4", "5"));
    EXPECT_EQ(pass.records[1].place, "page 1, record 2");
    EXPECT_EQ(pass.records[1].patient[Field::birth_date].state(),
              reconcile::FieldValue::State::unreadable);
    EXPECT_EQ(pass.records[3].patient[Field::last_name].state(),
              reconcile::FieldValue::State::unreadable);
}

TEST(RestSourceTest, ReportsOnceAPassWhatHasNoPlaceInARecord) {
    SimulatedHis his;
    his.transport.answer = [](const http::Request& request) {
        const auto page = *parameter(request.target, "page");
        if (page == "3") return json_answer(list_json({}));
        return json_answer(
            list_json({patient_json(page + "1", "planted"), patient_json(page + "2", "planted")}));
    };
    const auto pass = his.pass();
    EXPECT_FALSE(pass.error);
    ASSERT_EQ(his.log.events.size(), 1u);
    EXPECT_EQ(his.log.events[0].type().name, log::events::field_dropped.name);
    EXPECT_THAT(his.log.text(), HasSubstr("modifiedAt"));
    EXPECT_THAT(his.log.text(), HasSubstr("page 1, record 1"));
    EXPECT_THAT(his.log.text(), Not(HasSubstr("planted")));
}

TEST(RestSourceTest, APageOnWhichNobodyHasAnIdentifierIsAWrongMapping) {
    auto settings = simple_settings();
    settings.query.page = "";
    SimulatedHis his(settings);
    std::size_t count = 20;
    his.transport.answer = [&count](const http::Request&) {
        return json_answer(
            list_json(std::vector<std::string>(count, R"({"IPP":"planted","nom":"planted"})")));
    };
    const auto pass = his.pass();
    ASSERT_TRUE(pass.error);
    EXPECT_EQ(pass.error->kind, SourceError::Kind::unreadable);
    EXPECT_THAT(pass.error->what, HasSubstr("fields.externalId"));
    EXPECT_THAT(pass.error->what, Not(HasSubstr("planted")));
    EXPECT_TRUE(pass.records.empty());
    EXPECT_EQ(his.source->requests(), 1);

    count = 19;
    EXPECT_EQ(his.pass().records.size(), 19u);
}

TEST(RestSourceTest, SendsSinceAndCredentialsWithEveryPage) {
    auto settings = simple_settings();
    settings.auth = config::HeaderAuth{"X-Api-Key", config::Secret("k")};
    SimulatedHis his(settings);
    his.transport.answer = [](const http::Request& request) {
        if (parameter(request.target, "page") == "1")
            return json_answer(list_json({patient_json("1"), patient_json("2")}));
        return json_answer(list_json({}));
    };
    his.pass(reconcile::parse_rfc3339("2026-01-31T09:05:07.999Z")->instant);
    ASSERT_EQ(his.transport.asked.size(), 2u);
    for (const auto& request : his.transport.asked) {
        EXPECT_EQ(parameter(request.target, "depuis"), "2026-01-31T09%3A05%3A07Z");
        EXPECT_EQ(parameter(request.target, "taille"), "2");
        EXPECT_EQ(request.headers.at(0), (std::pair<std::string, std::string>("X-Api-Key", "k")));
    }
}

TEST(RestSourceTest, RefusesSettingsThatCannotWork) {
    const auto refusal = [](const std::function<void(RestSettings&)>& spoil) -> std::string {
        auto settings = simple_settings();
        spoil(settings);
        try {
            SimulatedHis his(settings);
        } catch (const std::invalid_argument& fault) {
            return fault.what();
        }
        return "accepted";
    };
    EXPECT_EQ(refusal([](auto&) {}), "accepted");
    EXPECT_THAT(refusal([](auto& s) { s.timezone = "Mars/Base"; }), HasSubstr("time zone"));
    EXPECT_THAT(refusal([](auto& s) { s.fields["birthDate"].format = "%d/%m/%y"; }),
                HasSubstr("birthDate"));
    EXPECT_THAT(refusal([](auto& s) { s.fields["email"].at = "mail"; }), HasSubstr("pointer"));
    EXPECT_THAT(refusal([](auto& s) { s.records = "patients"; }), HasSubstr("pointer"));
    EXPECT_THAT(refusal([](auto& s) { s.auth = config::BearerAuth{config::Secret("a\nb")}; }),
                HasSubstr("auth.bearer"));
}

} // namespace
} // namespace medibridge::connectors
