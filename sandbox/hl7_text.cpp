#include "sandbox/hl7_text.hpp"

#include <algorithm>
#include <array>

namespace medibridge::sandbox {

namespace {

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto at = std::string_view("|^~\\&").find(c);
        if (at != std::string_view::npos)
            out += std::string("\\") + "FSRET"[at] + "\\";
        else if (static_cast<unsigned char>(c) >= ' ')
            out += c;
        else
            out += ' ';
    }
    return out;
}

/// `20260131100507+0100`
std::string hl7_time(Millis time) {
    std::string text;
    append_paris(text, time);
    std::string out;
    for (const char c : text)
        if ((c >= '0' && c <= '9') || c == '+') out += c;
    return out;
}

/// `31/12/1980` as `19801231`; anything else as it stands.
std::string hl7_date(std::string_view text) {
    const bool usual = text.size() == 10 && text[2] == '/' && text[5] == '/';
    if (!usual) return escaped(text);
    return std::string(text.substr(6)) + std::string(text.substr(3, 2)) +
           std::string(text.substr(0, 2));
}

std::string_view sex(std::string_view code) {
    if (code == "1") return "M";
    if (code == "2") return "F";
    return code == "9" ? "O" : code;
}

std::string identifier(std::string_view ipp) {
    return escaped(ipp) + "^^^SANDBOX&" + std::string(hl7_authority) + "&ISO^PI";
}

std::string names(const HisTexts& texts) {
    std::string given(texts[his_field::given_names]);
    const auto first = escaped(given.substr(0, given.find('\n')));
    std::string out =
        escaped(texts[his_field::birth_name]) + "^" + first + "^" + escaped(given) + "^^^^L";
    if (!texts[his_field::usual_name].empty())
        out += "~" + escaped(texts[his_field::usual_name]) + "^" + first + "^^^^^D";
    return out;
}

std::string address(const HisTexts& texts) {
    const auto country = texts[his_field::country];
    const auto code = country == "FR" ? std::string("FRA") : escaped(country);
    std::string out = escaped(texts[his_field::street]) + "^^" + escaped(texts[his_field::city]) +
                      "^^" + escaped(texts[his_field::postal_code]) + "^" + code;
    return out == "^^^^^" ? "" : out + "^H";
}

std::string telecom(const HisTexts& texts) {
    std::string out;
    if (!texts[his_field::mobile].empty()) out = escaped(texts[his_field::mobile]) + "^PRN^CP";
    if (texts[his_field::mail].empty()) return out;
    return out + (out.empty() ? "" : "~") + "^NET^Internet^" + escaped(texts[his_field::mail]);
}

std::string pid(const HisPatient& patient) {
    std::array<std::string, 33> fields;
    const auto& texts = patient.texts;
    fields[0] = "PID";
    fields[3] = identifier(texts[his_field::ipp]);
    fields[5] = names(texts);
    fields[7] = hl7_date(texts[his_field::birth_date]);
    fields[8] = sex(texts[his_field::sex]);
    fields[11] = address(texts);
    fields[13] = telecom(texts);
    fields[30] = patient.deceased ? "Y" : "";
    fields[32] = escaped(texts[his_field::identity_status]);
    std::string out;
    for (const auto& field : fields)
        out += (out.empty() ? "" : "|") + field;
    out.erase(out.find_last_not_of('|') + 1);
    return out + "\r";
}

/// MSH and EVN.
std::string head(const std::string& event, std::uint64_t control, Millis recorded, Millis now) {
    return "MSH|^~\\&|SANDBOX|HIS|MEDIBRIDGE||" + hl7_time(now) + "||ADT^" + event + "|S" +
           std::to_string(control) + "|P|2.5^FRA^2.11|||||FRA|UNICODE UTF-8\rEVN||" +
           hl7_time(recorded) + "\r";
}

} // namespace

std::string adt_message(const HisPatient& patient, bool first, std::uint64_t control, Millis now) {
    const auto survivor = patient.texts[his_field::merged_into];
    if (!survivor.empty())
        return head("A40^ADT_A39", control, patient.modified, now) + "PID|||" +
               identifier(survivor) + "\rMRG|" + identifier(patient.texts[his_field::ipp]) + "\r";
    const std::string event = first ? "A28^ADT_A05" : "A31^ADT_A05";
    return head(event, control, patient.modified, now) + pid(patient);
}

std::string removal_message(std::string_view ipp, std::uint64_t control, Millis now) {
    return head("A29^ADT_A21", control, now, now) + "PID|||" + identifier(ipp) + "\r";
}

std::vector<std::string_view> hl7_messages(std::string_view file) {
    std::vector<std::string_view> all;
    std::size_t begin = std::string_view::npos;
    std::size_t line = 0;
    const auto end_message = [&](std::size_t end) {
        if (begin == std::string_view::npos) return;
        auto message = file.substr(begin, end - begin);
        message = message.substr(0, message.find('\x1c'));
        message = message.substr(0, message.find_last_not_of("\n\v") + 1);
        all.push_back(message);
        begin = std::string_view::npos;
    };
    while (line < file.size()) {
        const auto start = std::min(file.find_first_not_of("\n\v\x1c\r", line), file.size());
        const auto text = file.substr(start, 3);
        const bool header = text == "MSH";
        if (header || text == "FHS" || text == "BHS" || text == "BTS" || text == "FTS")
            end_message(start);
        if (header) begin = start;
        line = std::min(file.find_first_of("\r\n", start), file.size());
    }
    end_message(file.size());
    return all;
}

} // namespace medibridge::sandbox
