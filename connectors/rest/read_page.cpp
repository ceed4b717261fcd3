#include "connectors/rest/read_page.hpp"

#include "base/bytes/hash.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

namespace medibridge::connectors {
namespace {

/// Positions of the document's places.
enum Place : std::size_t { total_pages, total, next_link };

JsonOutline outline_of(const RestSettings& settings, const RecordMapping& mapping) {
    const std::array<std::string, 3> document = {settings.total_pages, settings.total,
                                                 settings.next};
    return {settings.records, document, mapping.places()};
}

std::optional<std::int64_t> count_of(const RawValue& value) {
    const bool countable =
        value.kind == RawValue::Kind::integer || value.kind == RawValue::Kind::text;
    std::int64_t count = 0;
    const auto* end = value.text.data() + value.text.size();
    const auto [stop, failure] = std::from_chars(value.text.data(), end, count);
    if (!countable || value.text.empty() || failure != std::errc() || stop != end || count < 0)
        return std::nullopt;
    return count;
}

std::string too_many(std::size_t limit, std::string_view of) {
    return "a page has more than " + std::to_string(limit) + " " + std::string(of) +
           ": set a smaller `page_size`, and check that the HIS follows it";
}

} // namespace

void ReadPage::drop_records() {
    page.records.clear();
    facts.records = 0;
}

PageReader::PageReader(const RestSettings& settings, const RestLimits& limits)
    : limits_(limits),
      expected_(std::min(settings.page_size, limits.portion)),
      mapping_(settings.fields, settings.timezone),
      outline_(outline_of(settings, mapping_)) {}

MappedRecord PageReader::map(std::optional<std::span<const RawValue>> values,
                             std::string place) const {
    if (values) return mapping_.map(*values, std::move(place));
    return RecordMapping::unreadable("the record is not a JSON object", std::move(place));
}

std::string PageReader::read(const http::Response& response, std::int64_t number, const Seen& seen,
                             ReadPage& into) const {
    into = ReadPage();
    into.given_ = false;
    if (response.status == 204) return {};
    if (response.body.size() > limits_.body) return too_many(limits_.body, "bytes");
    into.prefix_ = "page " + std::to_string(number) + ", record ";
    auto& records = into.page.records;
    std::size_t count = 0;
    const auto take = [&](std::optional<std::span<const RawValue>> values) {
        if (++count > limits_.records) return;
        auto mapped = map(values, into.prefix_ + std::to_string(count));
        if (mapped.precision == reconcile::Precision::milliseconds)
            into.page.precision = mapped.precision;
        for (const auto& fault : mapped.faults)
            into.faults.add(fault, mapped.record.place);
        const auto& id = mapped.record.patient.external_id();
        into.facts.identifiers = base::mixed(into.facts.identifiers) + base::text_hash(id);
        into.facts.repeated += seen(id) ? 1 : 0;
        into.identified += id.empty() ? 0 : 1;
        if (count == 1) records.reserve(expected_);
        if (count <= limits_.portion)
            records.push_back(std::move(mapped.record));
        else
            records = std::vector<reconcile::SourceRecord>();
    };
    auto& page = into.document_;
    page = read_json_page(response.body, outline_, take);
    if (page.fault) return std::move(*page.fault);
    if (count > limits_.records) return too_many(limits_.records, "records");
    const auto said = count_of(page.values[total]);
    // If there are no records, some HIS leave the list out.
    if (!page.has_list && said != 0) return "`records` does not point at a list";
    into.facts.records = page.records;
    into.facts.total_pages = count_of(page.values[total_pages]);
    into.facts.total = said;
    const auto& link = page.values[next_link];
    const bool no_link = link.kind == RawValue::Kind::absent || link.kind == RawValue::Kind::null ||
                         (link.kind == RawValue::Kind::boolean && link.text == "false");
    if (!no_link && link.kind != RawValue::Kind::text) return "what `next` points at is not a link";
    if (!no_link) into.facts.next = link.text;
    return {};
}

void PageReader::keep_rest(std::string body, ReadPage& of) const {
    if (of.in_portions()) of.rest_.emplace(std::move(body), outline_, of.document_);
}

SourcePage PageReader::next_portion(ReadPage& of) const {
    of.given_ = true;
    if (!of.rest_) return std::move(of.page);
    SourcePage portion;
    portion.server_time = of.page.server_time;
    portion.precision = of.page.precision;
    of.rest_->read(limits_.portion, [&](std::optional<std::span<const RawValue>> values) {
        auto mapped = map(values, of.prefix_ + std::to_string(++of.mapped_));
        portion.records.push_back(std::move(mapped.record));
    });
    if (of.rest_->at_end()) of.rest_.reset();
    return portion;
}

} // namespace medibridge::connectors
