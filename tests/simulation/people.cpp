#include "people.hpp"

#include "sandbox/medicapp_input.hpp"

#include <nlohmann/json.hpp>

namespace medibridge::simulation {

namespace {

using sandbox::MedicappField;

std::string letters(std::uint64_t number) {
    std::string text;
    do {
        text += static_cast<char>('a' + number % 26);
        number /= 26;
    } while (number > 0);
    return text;
}

std::string two_digits(std::uint64_t number) {
    return std::string(number < 10 ? "0" : "") + std::to_string(number);
}

std::string eight_digits(std::uint64_t number) {
    auto digits = std::to_string(number % 1'000'000);
    digits.insert(0, 6 - digits.size(), '0');
    return "12" + digits;
}

} // namespace

Values person(std::uint64_t number) {
    Values values;
    values[sandbox::last_name] = std::string(planted_name) + letters(number);
    values[sandbox::first_name] = "Ann" + letters(number);
    values[sandbox::birth_date] = std::to_string(1930 + number % 80) + "-" +
                                  two_digits(1 + number % 12) + "-" + two_digits(1 + number % 28);
    values[sandbox::gender] = number % 2 == 0 ? "F" : "M";
    values[sandbox::email] = other_value(sandbox::email, number);
    values[sandbox::phone] = other_value(sandbox::phone, number);
    values[sandbox::street] = other_value(sandbox::street, number);
    values[sandbox::city] = "Nantes";
    values[sandbox::postal_code] = "44000";
    values[sandbox::country] = "FR";
    return values;
}

std::string other_value(MedicappField field, std::uint64_t version) {
    switch (field) {
    case sandbox::last_name:
        return std::string(planted_name) + "-" + letters(version);
    case sandbox::first_name:
        return "Ann-" + letters(version);
    case sandbox::postal_code:
        return "44" + eight_digits(version).substr(5);
    case sandbox::country:
        return version % 2 == 0 ? "BE" : "CH";
    case sandbox::email:
        return "p" + std::to_string(version) + "@example.org";
    case sandbox::phone:
        return "+336" + eight_digits(version);
    case sandbox::street:
        return std::to_string(version) + " rue des Lilas";
    case sandbox::city:
        return "Ville " + letters(version);
    case sandbox::gender:
        return version % 2 == 0 ? "F" : "M";
    default:
        return "1931-01-" + two_digits(1 + version % 28);
    }
}

sandbox::HisDraft his_record(const Values& values) {
    namespace his = sandbox::his_field;
    sandbox::HisDraft draft;
    const auto put = [&](std::size_t place, const std::string& text) {
        if (!text.empty()) draft.texts[place] = text;
    };
    put(his::ipp, values[sandbox::external_id]);
    put(his::birth_name, values[sandbox::last_name]);
    put(his::given_names, values[sandbox::first_name]);
    const auto& born = values[sandbox::birth_date];
    if (!born.empty())
        put(his::birth_date, born.substr(8) + "/" + born.substr(5, 2) + "/" + born.substr(0, 4));
    const auto& gender = values[sandbox::gender];
    put(his::sex, gender == "M" ? "1" : gender == "F" ? "2" : "");
    put(his::mail, values[sandbox::email]);
    put(his::mobile, values[sandbox::phone]);
    put(his::street, values[sandbox::street]);
    put(his::city, values[sandbox::city]);
    put(his::postal_code, values[sandbox::postal_code]);
    put(his::country, values[sandbox::country]);
    return draft;
}

std::string medicapp_body(const Values& values) {
    nlohmann::json body = nlohmann::json::object();
    for (std::size_t i = 0; i < sandbox::medicapp_fields; ++i) {
        if (values[i].empty()) continue;
        const std::string name(sandbox::json_name(static_cast<MedicappField>(i)));
        (i >= sandbox::street ? body["address"][name] : body[name]) = values[i];
    }
    return body.dump();
}

bool same_identity(const Values& a, const Values& b) {
    return a[sandbox::last_name] == b[sandbox::last_name] &&
           a[sandbox::first_name] == b[sandbox::first_name] &&
           a[sandbox::birth_date] == b[sandbox::birth_date];
}

} // namespace medibridge::simulation
