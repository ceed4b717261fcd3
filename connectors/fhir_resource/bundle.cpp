#include "connectors/fhir_resource/bundle.hpp"

#include "base/bytes/ascii.hpp"

#include <algorithm>
#include <array>

namespace medibridge::connectors {
namespace {

constexpr std::string_view patient_type = "Patient";

/// Depths of the members of an entry's parts: Bundle 0, entry 1, resource 2.
constexpr std::size_t resource_depth = 2;

bool is_wanted_of_bundle(std::string_view name, std::size_t depth) {
    return depth < resource_depth || is_wanted_of_patient(name, depth - resource_depth) ||
           name == "method" || name == "url" || name == "lastModified" || name == "mode" ||
           name == "status";
}

/// https://hl7.org/fhir/R4/valueset-issue-type.html. Another word may be anything, a name included.
std::string code_of(std::string_view code) {
    static constexpr std::array<std::string_view, 31> known{
        "invalid",      "structure",     "required",      "value",        "invariant",
        "security",     "login",         "unknown",       "expired",      "forbidden",
        "suppressed",   "processing",    "not-supported", "duplicate",    "multiple-matches",
        "not-found",    "deleted",       "too-long",      "code-invalid", "extension",
        "too-costly",   "business-rule", "conflict",      "transient",    "lock-error",
        "no-store",     "exception",     "timeout",       "incomplete",   "throttled",
        "informational"};
    return std::ranges::find(known, code) != known.end() ? std::string(code) : "unknown";
}

/// LinuxForHealth says so in words only.
bool says_shifted(const JsonValue& issue) {
    for (const auto text : {issue["diagnostics"].text(), issue["details"]["text"].text()}) {
        if (text.find("shift") != std::string_view::npos) return true;
    }
    return false;
}

bool is_id(std::string_view id) {
    constexpr std::size_t longest = 255; // FHIR says 64, servers do not keep to it
    return !id.empty() && id.size() <= longest && id != "." && id != ".." &&
           std::ranges::all_of(id, [](char c) {
               return base::is_ascii_alphanumeric(c) || c == '-' || c == '.' || c == '_';
           });
}

/// The work on one page.
class BundleReader {
  public:
    BundleReader(FhirBundleKind kind, const FhirRules& rules, const std::string& prefix,
                 std::size_t most)
        : kind_(kind),
          rules_(rules),
          prefix_(prefix),
          most_(most) {}

    FhirBundle read(std::string_view body) {
        JsonShape shape;
        shape.streamed = "entry";
        shape.keep = is_wanted_of_bundle;
        const JsonSink sink = [this](JsonValue& entry) { take_entry(entry); };
        const auto document = read_json(body, shape, sink);
        bundle_.fault = document.fault;
        if (bundle_.fault.empty()) take_root(document.root);
        if (bundle_.fault.empty() && seen_ > most_)
            bundle_.fault = "a page has more than " + std::to_string(most_) +
                            " entries: set a smaller `page_size`, and check that the server "
                            "follows `_count`";
        return std::move(bundle_);
    }

  private:
    std::string place() const { return prefix_ + std::to_string(bundle_.entries); }

    void take_root(const JsonValue& root) {
        if (root["resourceType"].text() == "OperationOutcome") {
            bundle_.outcome.add(root);
            bundle_.fault = "it is an OperationOutcome instead of a Bundle";
            return;
        }
        if (root["resourceType"].text() != "Bundle") {
            bundle_.fault = "it is not a Bundle";
            return;
        }
        if (!root["entry"].is_absent() && !root["entry"].is_list()) {
            bundle_.fault = "the Bundle's entries are not a list";
            return;
        }
        bundle_.total = root["total"].count();
        take_links(root["link"]);
    }

    /// A link that cannot be read is not the end of the list.
    void take_links(const JsonValue& links) {
        if (!links.is_absent() && !links.is_list())
            bundle_.fault = "the Bundle's links are not a list";
        for (const auto& link : links.items()) {
            if (link["relation"].text() != "next") continue;
            bundle_.next = link["url"].text();
            if (bundle_.next.empty())
                bundle_.fault = "the Bundle's link to the next page is not a text";
        }
    }

    void take_entry(const JsonValue& entry) {
        if (++seen_ > most_) return;
        if (entry.is_oversized()) {
            ++bundle_.entries;
            ++bundle_.matches;
            if (kind_ == FhirBundleKind::search)
                take_nobody("the entry holds more than 10,000 values or 1 MiB of text");
            return;
        }
        const auto& resource = entry["resource"];
        const auto type = resource["resourceType"].text();
        const auto mode = entry["search"]["mode"].text();
        if (type == "OperationOutcome" || mode == "outcome") {
            bundle_.outcome.add(resource);
            return;
        }
        if (mode == "include" && type != patient_type) return;
        ++bundle_.entries;
        if (mode != "include") ++bundle_.matches;
        if (kind_ == FhirBundleKind::history)
            take_version(entry, resource);
        else if (type == patient_type)
            take_patient(resource);
        else
            take_nobody("the entry holds no Patient");
    }

    void take_patient(const JsonValue& resource) {
        auto patient = map_fhir_patient(resource, rules_, place());
        for (const auto& fault : patient.faults)
            bundle_.faults.add(fault, patient.record.place);
        note_unread(patient.record, patient.faults);
        bundle_.patients.push_back(std::move(patient));
    }

    void take_nobody(std::string_view why) {
        FhirPatient nobody;
        nobody.record = RecordMapping::unreadable(why, place()).record;
        bundle_.patients.push_back(std::move(nobody));
    }

    void take_version(const JsonValue& entry, const JsonValue& resource) {
        FhirVersion version;
        version.deleted = entry["request"]["method"].text() == "DELETE";
        version.id = resource["id"].text();
        for (const auto text : {entry["request"]["url"].text(), entry["fullUrl"].text()}) {
            if (version.id.empty()) version.id = patient_id_of(text);
        }
        for (const auto text :
             {entry["response"]["lastModified"].text(), resource["meta"]["lastUpdated"].text()}) {
            const auto moment = reconcile::parse_rfc3339(text);
            if (!version.at && moment) version.at = moment->instant;
        }
        if (resource["resourceType"].text() == patient_type)
            version.external_id =
                map_fhir_patient(resource, rules_, {}).record.patient.external_id();
        if (!version.id.empty()) bundle_.versions.push_back(std::move(version));
    }

    FhirBundleKind kind_;
    const FhirRules& rules_;
    const std::string& prefix_;
    std::size_t most_;
    std::size_t seen_ = 0; ///< entries, also those that do not count
    FhirBundle bundle_;
};

} // namespace

void FhirOutcome::add(const JsonValue& resource) {
    static constexpr std::array<std::string_view, 8> passing_codes = {
        "transient", "lock-error", "no-store",  "exception",
        "timeout",   "incomplete", "throttled", "too-costly"};
    for (const auto& issue : resource["issue"].items()) {
        const auto severity = issue["severity"].text();
        const auto code = code_of(issue["code"].text());
        shifted = shifted || says_shifted(issue);
        if (severity == "warning") warnings.insert(code);
        if (severity != "error" && severity != "fatal") continue;
        if (!error.empty()) continue;
        error = code;
        passing = std::ranges::find(passing_codes, code) != passing_codes.end();
    }
}

std::string_view patient_id_of(std::string_view reference) {
    constexpr std::string_view type = "Patient/";
    reference = reference.substr(0, reference.find_first_of("?#"));
    const auto version = reference.find("/_history");
    reference = reference.substr(0, version);
    const auto slash = reference.rfind('/');
    if (slash == std::string_view::npos) return {};
    const auto before = reference.substr(0, slash + 1);
    const bool is_patient = before == type || before.ends_with("/Patient/");
    const auto id = reference.substr(slash + 1);
    return is_patient && is_id(id) ? id : std::string_view();
}

FhirBundle read_fhir_bundle(std::string_view body, FhirBundleKind kind, const FhirRules& rules,
                            const std::string& prefix, std::size_t most) {
    return BundleReader(kind, rules, prefix, most).read(body);
}

} // namespace medibridge::connectors
