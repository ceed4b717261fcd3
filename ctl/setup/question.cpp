#include "ctl/setup/question.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace medibridge::ctl::setup {

namespace {

Question required(std::string key, std::string text, std::string suggestion = {}) {
    return {std::move(key), std::move(text), std::move(suggestion), true, false};
}
Question optional(std::string key, std::string text) {
    return {std::move(key), std::move(text), {}, false, false};
}
Question secret(std::string key, std::string text, bool is_required) {
    return {std::move(key), std::move(text), {}, is_required, true};
}

/// Of the kinds whose fields are mapped; `place` says what a place is.
std::vector<Question> questions_of_fields(const std::string& place, bool needs_times) {
    const std::string blank = "; blank: the HIS does not have it";
    std::vector<Question> list{
        required("fields.externalId", place + " the patient's identifier, the IPP (never the NIR)"),
        required("fields.lastName", place + " the birth name"),
        optional("fields.usualLastName", place + " the usual name" + blank),
        required("fields.firstName", place + " the first name"),
        required("fields.birthDate.at", place + " the birth date"),
        required("fields.birthDate.format", "how a birth date is written", "%Y-%m-%d"),
        optional("fields.gender.at", place + " the gender"),
        optional("fields.gender.M", "the HIS's word for male, if it is not M"),
        optional("fields.gender.F", "the HIS's word for female, if it is not F"),
        optional("fields.gender.O", "the HIS's word for another gender, if it is not O"),
        optional("fields.gender.unknown",
                 "the HIS's words for an unknown gender, separated by commas"),
        optional("fields.phone", place + " the mobile phone number"),
        optional("fields.email", place + " the e-mail address"),
        optional("fields.address.street", place + " the street and number of the address"),
        optional("fields.address.postalCode", place + " the postcode"),
        optional("fields.address.city", place + " the town; without it no address is sent"),
        optional("fields.address.country", place + " the country"),
        optional("fields.deceased", place + " the death (true or false, or a date)" + blank),
        optional("fields.active.at", place + " whether the record is in use" + blank),
        optional("fields.active.true", "the HIS's word for a record in use, if it is not true, 1 "
                                       "or oui"),
        optional("fields.active.false", "the HIS's word for a closed record, if it is not false, "
                                        "0 or non"),
        optional("fields.identityStatus",
                 place + " the identity status (PROV, VALI, DOUT…)" + blank),
        optional("fields.mergedInto", place + " the identifier of the surviving record" + blank),
    };
    auto modified = optional("fields.modifiedAt.at", place + " the time of the last change");
    modified.is_required = needs_times;
    list.push_back(std::move(modified));
    list.push_back(optional("fields.modifiedAt.format",
                            "how that time is written, if not as 2026-01-31T09:05:00+01:00"));
    return list;
}

std::vector<Question> with(std::vector<Question> list, std::vector<Question> more) {
    std::ranges::move(more, std::back_inserter(list));
    return list;
}

std::vector<Question> questions_of_rest() {
    return with({required("url", "address of the list of patients"),
                 secret("auth.bearer", "access token (blank: none)", false),
                 optional("query.modified_after", "parameter that asks for changes since a time"),
                 optional("query.page", "parameter that asks for a page"),
                 optional("query.per_page", "parameter for the size of a page"),
                 optional("query.external_id", "parameter that asks for one patient"),
                 optional("records", "where the list stands in the answer, such as /patients "
                                     "(blank: the answer is the list)"),
                 optional("total_pages", "where the number of pages stands, such as "
                                         "/pagination/pages")},
                questions_of_fields("JSON pointer of", false));
}

std::vector<Question> questions_of_fhir() {
    return {
        required("base_url", "address of the FHIR server, such as https://his.local/fhir"),
        required("identifier_system", "system of the identifier (IPP), such as urn:oid:1.2.250…"),
        secret("auth.bearer", "access token (blank: none)", false)};
}

std::vector<Question> questions_of_sql() {
    return with({required("connection", "ODBC connection string, without a password"),
                 secret("password", "the account's password (blank: none)", false),
                 required("query", "the SELECT, with :modified_after, :after_id and :limit"),
                 optional("lookup", "the SELECT of one patient, with :external_id")},
                questions_of_fields("column of", true));
}

std::vector<Question> questions_of_csv() {
    return with({required("directory", "folder that the HIS drops files into", ""),
                 required("pattern", "names of the files", "*.csv"),
                 required("delimiter", "what separates the columns: one character, or tab", ";"),
                 required("encoding", "encoding of the files", "UTF-8")},
                questions_of_fields("header of the column of", false));
}

std::vector<Question> questions_of_hl7v2() {
    return {required("listen", "address and port where senders connect", "127.0.0.1:2575"),
            required("assigning_authority",
                     "OID or namespace of the identifier (IPP), as in PID-3 component 4")};
}

struct Kind {
    const char* name;
    std::vector<Question> (*questions)();
};

constexpr std::array<Kind, 5> table{{{"rest", questions_of_rest},
                                     {"fhir", questions_of_fhir},
                                     {"sql", questions_of_sql},
                                     {"csv", questions_of_csv},
                                     {"hl7v2", questions_of_hl7v2}}};

} // namespace

std::vector<Question> questions_of_medicapp() {
    return {required("base_url", "address of Medicapp", "https://api.medicappconnect.com/v5"),
            secret("api_key", "API key", true)};
}

const std::vector<std::string>& kinds() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> list;
        for (const Kind& kind : table)
            list.emplace_back(kind.name);
        return list;
    }();
    return names;
}

std::vector<Question> questions_of(std::string_view kind, const std::filesystem::path& spool) {
    const auto found = std::ranges::find(table, kind, &Kind::name);
    if (found == table.end()) throw std::out_of_range("no such kind of source");
    auto list = found->questions();
    const auto folder = std::ranges::find(list, "directory", &Question::key);
    if (folder != list.end()) folder->suggestion = (spool / "in").string();
    list.insert(list.begin(), required("name", "name of the source, in logs and for ever", "dpi"));
    return list;
}

} // namespace medibridge::ctl::setup
