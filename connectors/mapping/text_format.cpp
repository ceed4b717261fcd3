#include "connectors/mapping/text_format.hpp"

#include <stdexcept>

namespace medibridge::connectors {

TextFormat::TextFormat(std::string_view format) {
    if (format.empty()) throw std::invalid_argument("the format is empty");
    add_all(format);
    finish();
}

void TextFormat::add_all(std::string_view format) {
    for (std::size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        if (c == '%') {
            if (++i == format.size())
                throw std::invalid_argument("the format ends in %: write %% for a percent sign");
            add(format[i]);
        } else if (c == ' ' || c == '\t') {
            steps_.push_back({Item::spaces, ' '});
        } else {
            steps_.push_back({Item::literal, c});
        }
    }
}

void TextFormat::add(char directive) {
    switch (directive) {
    case 'Y':
        steps_.push_back({Item::year});
        break;
    case 'm':
        steps_.push_back({Item::month});
        break;
    case 'd':
        steps_.push_back({Item::day});
        break;
    case 'e':
        steps_.push_back({Item::day, 0, false, true});
        break;
    case 'j':
        steps_.push_back({Item::day_of_year});
        break;
    case 'b':
    case 'h':
        steps_.push_back({Item::month_name});
        break;
    case 'B':
        steps_.push_back({Item::month_full_name});
        break;
    case 'H':
        steps_.push_back({Item::hour});
        break;
    case 'I':
        steps_.push_back({Item::hour_of_12});
        break;
    case 'M':
        steps_.push_back({Item::minute});
        break;
    case 'S':
        steps_.push_back({Item::second});
        break;
    case 'p':
        steps_.push_back({Item::half_day});
        break;
    case 'f':
        steps_.push_back({Item::fraction});
        break;
    case 'z':
        steps_.push_back({Item::offset});
        break;
    case 's':
        steps_.push_back({Item::unix_seconds});
        break;
    case 'Q':
        steps_.push_back({Item::unix_milliseconds});
        break;
    case 'F':
        add_all("%Y-%m-%d");
        break;
    case 'T':
        add_all("%H:%M:%S");
        break;
    case 'R':
        add_all("%H:%M");
        break;
    case 'n':
    case 't':
        steps_.push_back({Item::spaces, ' '});
        break;
    case '%':
        steps_.push_back({Item::literal, '%'});
        break;
    case 'y':
    case 'D':
    case 'g':
    case 'C':
        throw std::invalid_argument("years of two digits are refused, because they do not show the "
                                    "century: the source must write four (%Y)");
    default:
        throw std::invalid_argument("directive %" + std::string(1, directive) +
                                    " is not known: use %Y %m %d %e %j %b %B %H %I %M %S %p %f %z "
                                    "%F %T %R %s %Q %%");
    }
}

void TextFormat::finish() {
    const auto is_number = [](const Step& step) {
        return (step.item >= Item::year && step.item <= Item::second &&
                step.item != Item::month_name && step.item != Item::month_full_name) ||
               step.item == Item::fraction || step.item >= Item::unix_seconds;
    };
    const auto is_time = [](const Step& step) {
        return step.item >= Item::hour && step.item <= Item::fraction;
    };
    bool half_day = false;
    bool hour_of_12 = false;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        auto& step = steps_[i];
        const bool behind_time = i > 0 && is_time(steps_[i - 1]);
        // Shown as a bare letter it would be the local time with UTC's mark: hours off.
        if (step.item == Item::literal && step.literal == 'Z' && behind_time) step.item = Item::utc;
        const bool beside = (i > 0 && is_number(steps_[i - 1])) ||
                            (i + 1 < steps_.size() && is_number(steps_[i + 1]));
        step.full_width = is_number(step) && beside;
        has_year_ |= step.item == Item::year;
        has_month_ |= step.item == Item::month || step.item == Item::month_name ||
                      step.item == Item::month_full_name;
        has_day_ |= step.item == Item::day;
        has_day_of_year_ |= step.item == Item::day_of_year;
        has_unix_time_ |= step.item >= Item::unix_seconds;
        has_offset_ |= step.item == Item::offset;
        utc_ |= step.item == Item::utc;
        half_day |= step.item == Item::half_day;
        hour_of_12 |= step.item == Item::hour_of_12;
    }
    if (half_day != hour_of_12)
        throw std::invalid_argument("%I and %p go together: use %H for hours from 0 to 23");
}

} // namespace medibridge::connectors
