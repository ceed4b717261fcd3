#include "sandbox/invent.hpp"

#include "sandbox/invent_words.hpp"
#include "sandbox/medicapp_input.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace medibridge::sandbox {

namespace {

constexpr Millis first_modification = 1'736'121'600'000; // 2025-01-06
constexpr Millis half_a_year_s = 180 * 86'400;

template <class List>
const auto& one_of(const List& list, Random& random) {
    return list[random.below(list.size())];
}

std::string digits(std::uint64_t value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

/// ASCII capitals without accents, as old systems keep names.
std::string unaccented(std::string_view text) {
    static constexpr std::pair<std::string_view, std::string_view> table[] = {
        {"à", "A"}, {"â", "A"}, {"ä", "A"},  {"ç", "C"},  {"é", "E"}, {"è", "E"}, {"ê", "E"},
        {"ë", "E"}, {"ï", "I"}, {"î", "I"},  {"í", "I"},  {"ñ", "N"}, {"ô", "O"}, {"ö", "O"},
        {"ü", "U"}, {"û", "U"}, {"œ", "OE"}, {"Œ", "OE"}, {"É", "E"}, {"Î", "I"}, {"Ê", "E"},
    };
    std::string out;
    while (!text.empty()) {
        const char c = text.front();
        std::size_t used = 1;
        if (static_cast<unsigned char>(c) < 0x80) {
            out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
        } else {
            for (const auto& [accented, plain] : table) {
                if (!text.starts_with(accented)) continue;
                out += plain;
                used = accented.size();
            }
        }
        text.remove_prefix(used);
    }
    return out;
}

std::string surname(Random& random) {
    std::string name(one_of(words::surnames, random));
    if (random.chance(0.06)) (name += '-') += one_of(words::surnames, random);
    return name;
}

template <class List>
std::string given_name(const List& list, Random& random) {
    std::string name(one_of(list, random));
    if (random.chance(0.12)) (name += '-') += one_of(list, random);
    return name;
}

/// Ten digits. The fixed-line ranges are those that ARCEP keeps for fiction.
std::string telephone_digits(Random& random) {
    static constexpr auto fiction =
        std::to_array<std::string_view>({"019900", "026191", "035301", "046571", "053649"});
    // 06 39 98 is kept for fiction too, but a checking library may not know it as in use.
    const std::string_view range =
        random.chance(0.03) ? std::string_view("063998") : one_of(fiction, random);
    return std::string(range) + digits(random.below(10'000), 4);
}

std::string separated(std::string_view ten, char separator) {
    std::string out;
    for (std::size_t i = 0; i < ten.size(); i += 2) {
        if (i > 0) out += separator;
        out += ten.substr(i, 2);
    }
    return out;
}

/// As different clerks type it.
std::string typed_telephone(std::string_view ten, Random& random) {
    switch (random.below(8)) {
    case 0:
        return std::string(ten);
    case 1:
        return separated(ten, '.');
    case 2:
        return "+33" + std::string(ten.substr(1));
    case 3:
        return "0033" + std::string(ten.substr(1));
    case 4:
        return "+33 (0)" + separated(ten, ' ').substr(1);
    default:
        return separated(ten, ' ');
    }
}

std::string mail_address(std::string_view first, std::string_view last, Random& random) {
    std::string local;
    for (const char c : unaccented(first) + "." + unaccented(last)) {
        if (c >= 'A' && c <= 'Z') local += static_cast<char>(c + 32);
        if (c == '.' || c == '-') local += c;
    }
    if (random.chance(0.4)) local += std::to_string(random.below(100));
    static constexpr auto domains = std::to_array<std::string_view>(
        {"example.fr", "example.org", "courriel.example.fr", "mail.example.org"});
    return local + '@' + std::string(one_of(domains, random));
}

std::string street_line(Random& random) {
    std::string line = std::to_string(1 + random.below(180));
    if (random.chance(0.1)) line += " bis";
    return line + ' ' + std::string(one_of(words::streets, random));
}

std::string birth_date_of(Random& random) {
    const auto year = 1928 + random.below(97);
    const auto month = 1 + random.below(12);
    const auto day = 1 + random.below(28);
    return digits(day, 2) + '/' + digits(month, 2) + '/' + std::to_string(year);
}

void give_names(HisDraft& draft, Random& random) {
    const bool woman = random.chance(0.52);
    draft.texts[his_field::sex] = random.chance(0.004) ? "9" : woman ? "2" : "1";
    std::string last = surname(random);
    std::string first = woman ? given_name(words::women, random) : given_name(words::men, random);
    std::optional<std::string> usual;
    if (woman && random.chance(0.35)) usual = surname(random);
    if (usual && random.chance(0.15)) usual = last + '-' + *usual;
    if (random.chance(0.25)) {
        last = unaccented(last);
        first = unaccented(first);
        if (usual) usual = unaccented(*usual);
    }
    if (random.chance(0.02)) last = "  " + last + ' ';
    for (std::uint64_t more = random.below(3); more > 0; --more)
        (first += '\n') += woman ? one_of(words::women, random) : one_of(words::men, random);
    draft.texts[his_field::birth_name] = std::move(last);
    draft.texts[his_field::usual_name] = std::move(usual);
    draft.texts[his_field::given_names] = std::move(first);
    draft.texts[his_field::birth_date] = birth_date_of(random);
}

void give_contact(HisDraft& draft, Random& random) {
    const bool far = random.chance(0.04);
    const auto& overseas = one_of(words::overseas, random);
    if (random.chance(0.82)) {
        const std::string ten = far && random.chance(0.7)
                                    ? std::string(overseas.mobile) + digits(random.below(10'000), 6)
                                    : telephone_digits(random);
        draft.texts[his_field::mobile] = typed_telephone(ten, random);
    }
    if (random.chance(0.6)) {
        const std::string& given = *draft.texts[his_field::given_names];
        draft.texts[his_field::mail] = mail_address(given.substr(0, given.find('\n')),
                                                    *draft.texts[his_field::birth_name], random);
    }
    if (random.chance(0.92)) {
        const auto& town = one_of(words::towns, random);
        draft.texts[his_field::street] = street_line(random);
        draft.texts[his_field::city] = far ? overseas.name : town.name;
        draft.texts[his_field::postal_code] = far ? overseas.postal_code : town.postal_code;
        draft.texts[his_field::country] = "FR";
    }
}

void spoil(HisDraft& draft, Random& random) {
    switch (random.below(4)) {
    case 0:
        draft.texts[his_field::birth_date].reset();
        break;
    case 1:
        draft.texts[his_field::birth_date] = "30/02/1975";
        break;
    case 2:
        draft.texts[his_field::birth_name].reset();
        break;
    default:
        draft.texts[his_field::given_names].reset();
        break;
    }
}

} // namespace

Millis invented_time(std::uint64_t seed, std::uint64_t n) {
    // Imports of thirty patients or so share a second.
    Random random(mix(seed) + n / 37);
    return first_modification + static_cast<Millis>(random.below(half_a_year_s)) * 1000;
}

HisDraft invented(std::uint64_t seed, std::uint64_t n, double invalid_share) {
    Random random(mix(seed + 1) ^ mix(n));
    HisDraft draft;
    draft.texts[his_field::ipp] = digits(80'000'000 + n, 10);
    draft.modified = invented_time(seed, n);
    give_names(draft, random);
    give_contact(draft, random);
    draft.texts[his_field::identity_status] = random.chance(0.85) ? "VALI" : "PROV";
    if (random.chance(invalid_share)) spoil(draft, random);
    return draft;
}

const char* edit(HisDraft& draft, Random& random) {
    switch (random.below(3)) {
    case 0:
        draft.texts[his_field::mobile] = typed_telephone(telephone_digits(random), random);
        return "mobile";
    case 1:
        draft.texts[his_field::mail] = mail_address("contact", surname(random), random);
        return "mail";
    default:
        draft.texts[his_field::street] = street_line(random);
        if (!draft.texts[his_field::city]) {
            const auto& town = one_of(words::towns, random);
            draft.texts[his_field::city] = town.name;
            draft.texts[his_field::postal_code] = town.postal_code;
            draft.texts[his_field::country] = "FR";
        }
        return "voie";
    }
}

void edit(MedicappTexts::Views& texts, Random& random, std::string& buffer) {
    std::size_t field = street;
    switch (random.below(3)) {
    case 0:
        buffer = "+33" + telephone_digits(random).substr(1);
        field = phone;
        break;
    case 1:
        buffer = mail_address("contact", surname(random), random);
        field = email;
        break;
    default:
        buffer = street_line(random);
    }
    texts[field] = buffer;
}

std::optional<MedicappTexts::Views> medicapp_view(const HisPatient& patient, std::string& buffer) {
    const auto& from = patient.texts;
    const auto date = from[his_field::birth_date];
    const auto value = [&](std::size_t field) {
        return from.has(field) ? std::optional(from[field]) : std::nullopt;
    };
    buffer.clear();
    if (date.size() == 10) {
        for (const auto part : {date.substr(6, 4), date.substr(3, 2), date.substr(0, 2)})
            (buffer += buffer.empty() ? "" : "-") += part;
    }
    if (!is_calendar_date(buffer) || from[his_field::birth_name].empty() ||
        from[his_field::given_names].empty() || from[his_field::ipp].empty())
        return std::nullopt;
    std::string number;
    for (const char c : from[his_field::mobile]) {
        if (c >= '0' && c <= '9') number += c;
    }
    if (number.starts_with("0033")) number.erase(0, 4);
    if (number.starts_with("33")) number.erase(0, 2);
    if (number.starts_with("0")) number.erase(0, 1);
    const std::size_t phone_at = buffer.size();
    if (number.size() == 9) (buffer += "+33") += number;

    MedicappTexts::Views texts;
    const std::string_view made(buffer);
    auto last = from[his_field::birth_name];
    last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
    last = last.substr(0, last.find_last_not_of(' ') + 1);
    texts[external_id] = value(his_field::ipp);
    texts[last_name] = last;
    texts[first_name] =
        from[his_field::given_names].substr(0, from[his_field::given_names].find('\n'));
    texts[birth_date] = made.substr(0, phone_at);
    const auto sex = from[his_field::sex];
    if (!sex.empty()) texts[gender] = sex == "1" ? "M" : sex == "2" ? "F" : "O";
    if (well_shaped(email, from[his_field::mail])) texts[email] = from[his_field::mail];
    if (phone_at < made.size()) texts[phone] = made.substr(phone_at);
    texts[street] = value(his_field::street);
    texts[city] = value(his_field::city);
    texts[postal_code] = value(his_field::postal_code);
    texts[country] = value(his_field::country);
    return texts;
}

} // namespace medibridge::sandbox
