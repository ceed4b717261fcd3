#include "running_sandbox.hpp"

#include "sandbox/invent.hpp"
#include "sandbox/medicapp_input.hpp"

#include <gtest/gtest.h>
#include <regex>
#include <set>

namespace medibridge::sandbox {
namespace {

constexpr std::uint64_t many = 5'000;

TEST(InventTest, TheSameSeedInventsTheSamePeople) {
    for (std::uint64_t n = 0; n < 50; ++n) {
        EXPECT_EQ(invented(1, n, 0.01).texts, invented(1, n, 0.01).texts);
        EXPECT_NE(invented(1, n, 0.01).texts, invented(2, n, 0.01).texts);
    }
}

TEST(InventTest, EveryIppIsThereOnce) {
    std::set<std::string> ipps;
    for (std::uint64_t n = 0; n < many; ++n)
        EXPECT_TRUE(ipps.insert(*invented(1, n, 0).texts[his_field::ipp]).second);
}

TEST(InventTest, UsesReservedDomainsAndTelephoneRanges) {
    const std::regex mail("[a-z0-9.-]+@([a-z]+[.])?example[.](org|fr)");
    const std::regex other("[(]0[)]|[^0-9]");
    const std::regex phone("(0|33)(199 ?00|26191|35301|46571|53649|63998|69[0246]00)[0-9]{4}");
    for (std::uint64_t n = 0; n < 1'000; ++n) {
        const auto draft = invented(1, n, 0);
        if (const auto& text = draft.texts[his_field::mail]) {
            EXPECT_TRUE(std::regex_match(*text, mail)) << *text;
            EXPECT_TRUE(well_shaped(email, *text)) << *text;
        }
        if (const auto& text = draft.texts[his_field::mobile]) {
            std::string digits = std::regex_replace(*text, other, "");
            if (digits.starts_with("00")) digits.erase(0, 2);
            EXPECT_TRUE(std::regex_match(digits, phone)) << *text;
        }
    }
}

TEST(InventTest, HasTheOdditiesOfARealFile) {
    int accents = 0, hyphens = 0, apostrophes = 0, married = 0, no_mail = 0, no_phone = 0;
    int overseas = 0, capitals = 0;
    for (std::uint64_t n = 0; n < many; ++n) {
        const auto draft = invented(3, n, 0);
        const auto& name = *draft.texts[his_field::birth_name];
        accents += name.find('\xc3') != std::string::npos;
        hyphens += name.find('-') != std::string::npos;
        apostrophes += name.find('\'') != std::string::npos;
        capitals += name.size() > 3 && name[1] >= 'A' && name[1] <= 'Z';
        married += draft.texts[his_field::usual_name].has_value();
        no_mail += !draft.texts[his_field::mail];
        no_phone += !draft.texts[his_field::mobile];
        overseas += draft.texts[his_field::postal_code].value_or("").starts_with("97");
    }
    for (const int count :
         {accents, hyphens, apostrophes, capitals, married, no_mail, no_phone, overseas})
        EXPECT_GT(count, 50);
}

TEST(InventTest, SpoilsTheShareThatIsAskedFor) {
    const auto invalid = [](double share) {
        int count = 0;
        for (std::uint64_t n = 0; n < many; ++n) {
            const auto draft = invented(1, n, share);
            count += !draft.texts[his_field::birth_date] || !draft.texts[his_field::birth_name] ||
                     !draft.texts[his_field::given_names] ||
                     *draft.texts[his_field::birth_date] == "30/02/1975";
        }
        return count;
    };
    EXPECT_EQ(invalid(0), 0);
    EXPECT_NEAR(invalid(0.01), 50, 25);
    EXPECT_EQ(invalid(1), static_cast<int>(many));
}

TEST(InventTest, APreloadedMedicappHoldsTheSamePeopleInItsOwnForms) {
    Settings settings;
    settings.population.patients = 300;
    settings.population.invalid_share = 0.1;
    settings.population.preload = 0.5;
    settings.population.preload_unlinked = 0.2;
    RunningSandbox sandbox(settings);
    const auto patients = sandbox.control("GET", "/medicapp/patients").json()["patients"];
    int linked = 0;
    for (auto patient : patients) {
        linked += !patient["externalId"].is_null();
        for (const char* key : {"id", "createdAt", "modifiedAt", "externalId", "recordsCount"})
            patient.erase(key);
        const auto answer = sandbox.medicapp("POST", "/patients", patient.dump());
        EXPECT_EQ(answer.status, 201U) << answer.body << patient.dump();
    }
    EXPECT_NEAR(linked, 135, 35);
    EXPECT_NEAR(static_cast<int>(patients.size()) - linked, 27, 20);
}

TEST(InventTest, AnEditLeavesNoHalfAddress) {
    Random random(1);
    for (int i = 0; i < 300; ++i) {
        HisDraft draft;
        edit(draft, random);
        EXPECT_EQ(draft.texts[his_field::street].has_value(),
                  draft.texts[his_field::city].has_value());
        EXPECT_EQ(draft.texts[his_field::street].has_value(),
                  draft.texts[his_field::postal_code].has_value());
    }
}

TEST(InventTest, EditsInMedicappKeepItsForms) {
    Random random(1);
    std::string buffer;
    for (int i = 0; i < 300; ++i) {
        MedicappTexts::Views texts;
        edit(texts, random, buffer);
        for (const auto field : {phone, email, street}) {
            EXPECT_TRUE(!texts[field] || well_shaped(field, *texts[field])) << *texts[field];
        }
    }
}

} // namespace
} // namespace medibridge::sandbox
