#include "reconcile/birth_date.hpp"

#include "base/time/calendar.hpp"

namespace medibridge::reconcile {

using base::take_date;

namespace {

constexpr std::chrono::sys_days earliest_birth = std::chrono::year(1850) / 1 / 1;

} // namespace

Normal normal_birth_date(std::string_view text) {
    text = trim(text);
    if (text.empty()) return {};
    std::string_view rest = text;
    const auto date = take_date(rest);
    if (!date || !rest.empty()) return {{}, "is not a real date of the form YYYY-MM-DD"};
    if (*date < earliest_birth) return {{}, "is before 1850"};
    return {std::string(text), {}};
}

bool is_born_after(std::string_view birth_date, Instant modified_at) {
    const auto born = take_date(birth_date);
    if (!born) return false;
    // In wide numbers of days, because a source may claim any moment.
    using Days = std::chrono::duration<std::int64_t, std::chrono::days::period>;
    const auto modified = std::chrono::floor<Days>(modified_at.time_since_epoch());
    return Days(born->time_since_epoch()) > modified + Days(1);
}

} // namespace medibridge::reconcile
