#include "connectors/rest/kind.hpp"

#include "base/bytes/encode.hpp"
#include "config/section.hpp"
#include "config/time_format.hpp"
#include "config/values.hpp"
#include "connectors/rest/source.hpp"

#include <array>

namespace medibridge::connectors {

using config::assign;
using config::Node;
using config::quote;
using config::Report;
using config::Section;
using config::Value;

namespace {

void read_modified_after(const Value& value, Report& report, RestQuery& out) {
    if (value.node->kind != Node::Kind::mapping) {
        assign(out.modified_after, read_text(value, report));
        return;
    }
    Section section(value, report);
    if (const auto name = section.require("name", "give the parameter's name"))
        assign(out.modified_after, read_text(*name, report));
    const auto format = section.find("format");
    if (!format) return;
    const auto text = read_text(*format, report);
    const std::string wrong = text ? config::time_format_mistake(*text, false) : std::string{};
    if (!wrong.empty()) report.mistake(format->place, quote(format->path) + ": " + wrong);
    assign(out.modified_after_format, text);
}

/// Whether the URL's own query has a parameter of that name.
bool has_parameter(const http::Url& url, std::string_view name) {
    const auto query_start = url.path.find('?');
    if (query_start == std::string::npos) return false;
    std::string_view rest = std::string_view(url.path).substr(query_start + 1);
    while (!rest.empty()) {
        const auto parameter = rest.substr(0, rest.find('&'));
        if (parameter.substr(0, parameter.find('=')) == base::percent_encode(name)) return true;
        rest.remove_prefix(std::min(rest.size(), parameter.size() + 1));
    }
    return false;
}

/// Each parameter is sent once: not twice by `query`, nor by `query` and by the URL.
void check_parameters(const Value& value, Report& report, const http::Url& url,
                      const RestQuery& query) {
    const std::array names{&query.modified_after, &query.page, &query.per_page, &query.external_id};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i]->empty()) continue;
        for (std::size_t j = 0; j < i; ++j)
            if (*names[i] == *names[j])
                report.mistake(value.place, "two parameters of " + quote(value.path) +
                                                " have the name " + quote(*names[i]));
        if (has_parameter(url, *names[i]))
            report.mistake(value.place, "the parameter " + quote(*names[i]) +
                                            " is in the `url` already: remove it there");
    }
}

std::optional<Value> read_query(Section& section, RestQuery& out) {
    auto value = section.find_section("query");
    if (!value) return std::nullopt;
    Report& report = section.report();
    Section query(*value, report);
    if (const auto modified = query.find("modified_after"))
        read_modified_after(*modified, report, out);
    if (const auto page = query.find("page")) assign(out.page, read_text(*page, report));
    if (const auto per_page = query.find("per_page"))
        assign(out.per_page, read_text(*per_page, report));
    if (const auto id = query.find("external_id")) assign(out.external_id, read_text(*id, report));
    return value;
}

/// The settings for paging must fit together: else pages would be missed, or the same page read
/// forever.
void check_paging(Section& section, const RestSettings& source) {
    Report& report = section.report();
    const bool by_link = section.has("next");
    const bool by_number = !source.query.page.empty();
    if (by_link && section.has("total_pages"))
        report.mistake(section.find("total_pages")->place,
                       "give `next` or `total_pages`, not both: pages follow by link or by number");
    else if (section.has("total_pages") && !by_number)
        report.mistake(section.find("total_pages")->place,
                       "`total_pages` needs `query.page`, the name of the parameter that asks for "
                       "page 2");
    if (!source.query.per_page.empty() && !by_link && !by_number)
        report.mistake(section.find_section("query")->place,
                       "`query.per_page` needs `query.page` or `next`: without them, only the "
                       "first page would ever be read");
}

void read_places(Section& section, RestSettings& out) {
    Report& report = section.report();
    if (const auto records = section.find("records"))
        assign(out.records, read_pointer(*records, report));
    if (const auto pages = section.find("total_pages"))
        assign(out.total_pages, read_pointer(*pages, report));
    if (const auto total = section.find("total")) assign(out.total, read_pointer(*total, report));
    if (const auto next = section.find("next")) assign(out.next, read_pointer(*next, report));
}

void read_first_page(const Value& value, Report& report, RestSettings& out) {
    if (const auto number = read_integer(value, report, 0, 1))
        out.first_page = static_cast<int>(*number);
    if (out.query.page.empty())
        report.mistake(value.place,
                       "`first_page` needs `query.page`: it is that parameter's first value");
}

void read_connection(Section& section, RestSettings& out) {
    Report& report = section.report();
    if (const auto url = section.require("url", "give the address of the list of patients"))
        assign(out.url, read_url(*url, report));
    if (const auto auth = section.find_section("auth")) read_auth(*auth, report, out.auth);
    read_transport(section, out.transport);
}

} // namespace

void read_settings(Section& section, RestSettings& out) {
    Report& report = section.report();
    read_connection(section, out);
    read_places(section, out);
    const auto query = read_query(section, out.query);
    if (query) check_parameters(*query, report, out.url, out.query);
    check_paging(section, out);
    if (const auto size = section.find("page_size"))
        assign(out.page_size, read_integer(*size, report, 1, config::max_page_size));
    if (const auto first = section.find("first_page")) read_first_page(*first, report, out);
    if (const auto repeats = section.find("repeats"))
        assign(out.repeats,
               config::read_word<bool>(*repeats, report, {{"true", true}, {"false", false}}));
    if (const auto zone = section.find("timezone"))
        assign(out.timezone, read_timezone(*zone, report));
    const auto fields = section.require("fields", "say where each field of a patient is");
    if (!fields) return;
    const auto before = report.mistakes();
    read_fields(*fields, report, out.fields);
    if (!out.query.modified_after.empty() && !out.fields.contains("modifiedAt") &&
        report.mistakes() == before)
        report.mistake(query->place,
                       "`query.modified_after` needs `fields.modifiedAt`: how far the source was "
                       "read is told from the records' own times");
}

config::Mapping RestSettings::mapping() const {
    config::Mapping mapping{{"records", records}, {"timezone", timezone}};
    config::add_fields(fields, mapping);
    return mapping;
}

const SourceKind& rest_kind() {
    static const KindOf<RestSettings> kind("rest", read_settings,
                                           make_http_source<RestSource, RestSettings, RestLimits>);
    return kind;
}

} // namespace medibridge::connectors
