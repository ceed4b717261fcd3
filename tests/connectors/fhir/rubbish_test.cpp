#include "simulated_fhir.hpp"

#include "connectors/fhir/server.hpp"
#include "connectors/fhir_resource/bundle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace medibridge::connectors {
namespace {

/// A value of any kind, whose members have the names that matter.
std::string any_value(int depth) {
    static const std::vector<std::string> scalars = {"null",
                                                     "true",
                                                     "false",
                                                     "0",
                                                     "-1",
                                                     "1e5",
                                                     "99999999999999999999",
                                                     "\"\"",
                                                     "\" \"",
                                                     "\"x\"",
                                                     "\"usual\"",
                                                     "\"old\"",
                                                     "\"\xE9\"",
                                                     "\"\\u0000\"",
                                                     "\"1980-01-02\"",
                                                     "\"2026-01-01T00:00:00Z\"",
                                                     "\"Patient\"",
                                                     "\"Patient/p1\"",
                                                     "\"urn:oid:1.2.250.1.999.1\"",
                                                     "\"replaced-by\"",
                                                     "\"official\"",
                                                     "\"OperationOutcome\""};
    static const std::vector<std::string> names = {
        "resourceType", "id",     "meta",   "lastUpdated", "identifier", "system",         "value",
        "use",          "name",   "family", "given",       "telecom",    "address",        "line",
        "birthDate",    "link",   "other",  "reference",   "type",       "period",         "end",
        "extension",    "url",    "active", "gender",      "resource",   "search",         "mode",
        "request",      "method", "issue",  "severity",    "contained",  "deceasedBoolean"};
    const auto kind = depth > 4 ? 0 : *rc::gen::inRange(0, 4);
    if (kind < 2) return *rc::gen::elementOf(scalars);
    const auto size = *rc::gen::inRange(0, 4);
    std::string text = kind == 2 ? "[" : "{";
    for (int i = 0; i < size; ++i) {
        if (i > 0) text += ",";
        if (kind == 3) text += "\"" + *rc::gen::elementOf(names) + "\":";
        text += any_value(depth + 1);
    }
    return text + (kind == 2 ? "]" : "}");
}

FhirRules rules() {
    FhirRules rules;
    rules.identifier_system = ipp_system;
    rules.now = reconcile::parse_rfc3339("2026-06-01T12:00:00Z")->instant;
    return rules;
}

RC_GTEST_PROP(FhirRubbishTest, AnEntryOfAnyKindHidesNoOther, ()) {
    const auto rubbish = any_value(0);
    const auto page =
        read_fhir_bundle(bundle("searchset", {R"({"resource":)" + fhir_patient("a", "first") + "}",
                                              rubbish, R"({"resource":)" + any_value(0) + "}",
                                              R"({"resource":)" + fhir_patient("b", "last") + "}"}),
                         FhirBundleKind::search, rules(), "");
    RC_ASSERT(page.fault.empty());
    RC_ASSERT(page.patients.size() >= 2);
    RC_ASSERT(page.patients.front().record.patient.external_id() == "first");
    RC_ASSERT(page.patients.back().record.patient.external_id() == "last");
}

RC_GTEST_PROP(FhirRubbishTest, MembersOfAnyKindLeaveAPatientARecord, ()) {
    const auto member = *rc::gen::elementOf(
        std::vector<std::string>{"name", "telecom", "address", "link", "meta", "extension",
                                 "contained", "active", "gender", "deceasedBoolean", "birthDate"});
    const auto page =
        read_fhir_bundle(searchset({fhir_patient("a", "1", ",\"" + member + "\":" + any_value(1))}),
                         FhirBundleKind::search, rules(), "");
    RC_ASSERT(page.patients.size() == 1u);
    RC_ASSERT(page.patients[0].record.patient.external_id() == "1");
}

RC_GTEST_PROP(FhirRubbishTest, AnyTextIsReadInEveryWay, (const std::string& noise)) {
    const auto document = any_value(0);
    for (const auto& body :
         {noise, document, document + noise, document.substr(0, document.size() / 2)}) {
        read_fhir_bundle(body, FhirBundleKind::search, rules(), "");
        read_fhir_bundle(body, FhirBundleKind::history, rules(), "");
        read_fhir_capability(body);
        patient_id_of(body);
    }
}

RC_GTEST_PROP(FhirRubbishTest, AServerThatAnswersAnythingEndsTheReadingWithoutHarm, ()) {
    SimulatedFhir his;
    his.transport.answer = [](const http::Request&) -> http::Result {
        const auto status =
            *rc::gen::elementOf(std::vector<int>{200, 200, 200, 200, 404, 410, 204});
        const auto next = *rc::gen::elementOf(
            std::vector<std::string>{"", "", "?p=1", "?p=2", "?p=3", "//x/", "\xE9"});
        const bool is_page = *rc::gen::inRange(0, 4) > 0;
        return json_answer(is_page
                               ? bundle("searchset", {R"({"resource":)" + any_value(0) + "}"}, next)
                               : any_value(0),
                           status);
    };
    const auto pass = his.pass();
    const bool ended = pass.error || pass.pages.back().last;
    RC_ASSERT(ended);
    RC_ASSERT(his.transport.asked.size() < 200u);
}

} // namespace
} // namespace medibridge::connectors
