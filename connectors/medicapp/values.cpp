#include "connectors/medicapp/values.hpp"

#include "connectors/medicapp/medicapp.hpp"

#include <algorithm>
#include <cstdlib>

namespace medibridge::connectors {

reconcile::FieldSet listed_fields() {
    return reconcile::every_field() - reconcile::address_fields();
}

std::string_view name(Failure failure) {
    switch (failure) {
    case Failure::rejected:
        return "rejected";
    case Failure::unauthorized:
        return "unauthorized";
    case Failure::refused:
        return "refused";
    case Failure::not_found:
        return "not_found";
    case Failure::conflict:
        return "conflict";
    case Failure::unavailable:
        return "unavailable";
    case Failure::unknown:
        return "unknown";
    case Failure::cancelled:
        return "cancelled";
    }
    std::abort();
}

std::string reason_of(const ApiError& error) {
    return error.what.empty() ? std::string(name(error.failure)) : error.what;
}

std::string refusal_of(const ApiError& error) {
    if (!error.foreign) return "Medicapp refuses the API key";
    return std::to_string(error.status) + " " + std::string(foreign_page);
}

namespace {

std::int64_t pages_of(std::int64_t total, std::int64_t size) {
    return total / size + (total % size != 0 ? 1 : 0);
}

std::string place_of(const MedicappPage& page) {
    return "page " + std::to_string(page.page) + " of " + std::to_string(page.total_pages);
}

std::string of_total(const MedicappPage& page) {
    return ", and total is " + std::to_string(page.total);
}

/// Where the answer says how many a page holds.
std::string with_size(const MedicappPage& page, std::int64_t shown) {
    const auto size = page.per_page;
    const auto pages = pages_of(page.total, size);
    // No patients may count as one page or as none.
    if (page.total_pages != pages && (page.total > 0 || page.total_pages > 1))
        return "total " + std::to_string(page.total) + " and perPage " + std::to_string(size) +
               " make " + std::to_string(pages) + " pages, not " + std::to_string(page.total_pages);
    const bool beyond = page.page > pages;
    const auto due = beyond ? 0 : std::min(size, page.total - (page.page - 1) * size);
    if (shown == due) return {};
    return place_of(page) + " shows " + std::to_string(shown) + " patients, not " +
           std::to_string(due) + " (total " + std::to_string(page.total) + ", perPage " +
           std::to_string(size) + ")";
}

/// Where only the pages themselves show it.
std::string without_size(const MedicappPage& page, std::int64_t shown) {
    const std::string shows = place_of(page) + " shows " + std::to_string(shown) + " patients";
    bool agrees = false;
    if (page.page > page.total_pages)
        agrees = shown == 0 && (page.total_pages > 0 || page.total == 0);
    else if (page.total_pages == 1)
        agrees = shown == page.total;
    else if (page.page < page.total_pages)
        agrees = shown > 0 && pages_of(page.total, shown) == page.total_pages;
    else
        agrees = shown > 0 && shown < page.total && (page.total - shown) % (page.page - 1) == 0 &&
                 shown <= (page.total - shown) / (page.page - 1);
    return agrees ? std::string() : shows + of_total(page);
}

} // namespace

std::string contradiction(const MedicappPage& page, const ListQuery& query) {
    if (page.page != query.page)
        return "page " + std::to_string(query.page) + " was asked for, and page " +
               std::to_string(page.page) + " came";
    const auto shown = static_cast<std::int64_t>(page.patients.size()) + page.nameless;
    return page.per_page > 0 ? with_size(page, shown) : without_size(page, shown);
}

} // namespace medibridge::connectors
