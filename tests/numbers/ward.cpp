#include "ward.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace medibridge::tests {

using reconcile::Field;

namespace {

/// The first message's EVN-2, in the reader's time zone.
const auto start = reconcile::parse_rfc3339("2026-11-28T07:00:00Z")->instant;
constexpr int nobody = 0; ///< of a patient whose birth date is nobody's: seen as somebody else

struct Person {
    const char* last_name;
    const char* first_name;
    const char* birth_date;
    const char* gender;
};
constexpr std::array<Person, 6> everybody{{{"MOREL", "Anne", "19800101", "F"},
                                           {"FAURE", "Luc", "19700716", "M"},
                                           {"GIRARD", "Zoe", "19310210", "F"},
                                           {"LAMBERT", "Hugo", "20050523", "M"},
                                           {"ROUSSEAU", "Ines", "19620904", "F"},
                                           {"VINCENT", "Paul", "19491130", "M"}}};

const Person& person(int who) {
    return everybody.at(static_cast<std::size_t>(who));
}

/// `1980-01-01`.
std::string dashed(const std::string& date) {
    return date.substr(0, 4) + "-" + date.substr(4, 2) + "-" + date.substr(6);
}

std::optional<int> person_born(const std::string& date) {
    for (std::size_t i = 0; i < everybody.size(); ++i)
        if (dashed(everybody[i].birth_date) == date) return static_cast<int>(i);
    return std::nullopt;
}

class NoFeed final : public connectors::InboxFeed {
  public:
    void start() override {}
    runtime::Task<void> stop() override { co_return; }
};

} // namespace

Ward::Ward(List list) : order_(list) {
    if (list != List::none) list_.emplace("list");
    open();
}

Ward::~Ward() {
    synchroniser_.reset();
    source_.reset();
}

void Ward::open() {
    synchroniser_.reset();
    source_.reset();
    restart();
    source_ =
        std::make_unique<connectors::InboxSource>("adt", make_inbox(), std::make_shared<NoFeed>());
    sync::Environment environment{medicapp_, *database_, digester_, log_,
                                  observer_, clock_,     stop_,     settings_};
    std::vector<connectors::Source*> sources{source_.get()};
    if (list_) sources.insert(order_ == List::before ? sources.begin() : sources.end(), &*list_);
    synchroniser_ = std::make_unique<sync::Synchroniser>(environment, std::move(sources));
}

/// Who is as before keeps their time.
void Ward::list_everybody() {
    if (!list_) return;
    auto before = std::exchange(list_->records, {});
    for (const auto& [who, number] : numbers_) {
        reconcile::SourceRecord record;
        record.patient.set_external_id(std::to_string(number));
        const auto give = [&record](Field field, std::string text) {
            record.patient[field] = reconcile::FieldValue::known(std::move(text));
        };
        give(Field::last_name, person(who).last_name);
        give(Field::first_name, person(who).first_name);
        give(Field::birth_date, dashed(person(who).birth_date));
        give(Field::gender, person(who).gender);
        give(Field::phone, "+33" + phones_[who].substr(1));
        const auto same = std::ranges::find_if(before, [&](const auto& one) {
            return one.patient.external_id() == record.patient.external_id() &&
                   one.patient[Field::birth_date].text() ==
                       record.patient[Field::birth_date].text() &&
                   one.patient[Field::phone].text() == record.patient[Field::phone].text();
        });
        record.modified_at = same == before.end() ? now : *same->modified_at;
        list_->records.push_back(std::move(record));
    }
    list_->now = now;
}

std::string Ward::word(const std::string& id) const {
    return id + " (" + person(people_.at(id)).first_name + ")";
}

void Ward::breaks(const std::string& id, const std::string& what) {
    broken_.push_back(word(id) + " " + what);
}

void Ward::tell(const std::string& event, int who, int number, const std::string& former,
                bool bare) {
    Adt adt;
    adt.event = event;
    adt.id = std::to_string(number);
    adt.retired = former;
    adt.recorded = std::to_string(20261128080000 + 100 * (minutes_ % 60) + 10000 * (minutes_ / 60));
    now = start + std::chrono::minutes(minutes_);
    ++minutes_;
    if (!bare) {
        adt.pid = {
            {5, std::string(person(who).last_name) + "^" + person(who).first_name + "^^^^^L"},
            {7, person(who).birth_date},
            {8, person(who).gender},
            {13, phones_[who] + "^PRN^CP"}};
    }
    story_ += event + " " + adt.id + (former.empty() ? "" : " from " + former) + " " +
              person(who).first_name + (bare ? ", bare" : "") + "\n";
    send(adt);
    list_everybody();
}

bool Ward::is_free(int number) const {
    return std::ranges::none_of(numbers_, [=](const auto& one) { return one.second == number; });
}

std::optional<int> Ward::number_of(int who) const {
    const auto place = numbers_.find(who);
    return place == numbers_.end() ? std::nullopt : std::optional(place->second);
}

void Ward::admit(int who, int number) {
    numbers_[who] = number;
    phones_[who] = "06123400" + std::to_string(10 + who);
    tell("A28", who, number, {}, false);
}

void Ward::change_number(int who, int number, bool bare) {
    const auto former = std::to_string(numbers_.at(who));
    numbers_[who] = number;
    tell("A47", who, number, former, bare);
}

void Ward::edit(int who) {
    phones_[who] = "06" + std::to_string(10000000 + 100 * ++edits_ + who);
    tell("A31", who, numbers_.at(who), {}, false);
}

void Ward::erase(int who) {
    const auto theirs = std::ranges::find_if(medicapp_.patients, [=](const auto& one) {
        return person_born(one.second.patient[Field::birth_date].text()) == who;
    });
    if (theirs == medicapp_.patients.end()) return;
    story_ += "a user of Medicapp erases " + word(theirs->first) + "\n";
    medicapp_.patients.erase(theirs);
    erased_.insert(who);
}

void Ward::cycle(bool full) {
    story_ += full ? "full cycle\n" : "cycle\n";
    medicapp_.now += settings_.overlap + std::chrono::seconds(2);
    sync::Request request;
    request.full = full;
    request.wall_clock_ms = now.time_since_epoch().count();
    const auto report = run(synchroniser_->run(std::move(request)));
    for (const auto& alarm : report.alarms)
        story_ += "  " + alarm.guard + "\n";
    tell_events();
    check_patients();
}

void Ward::tell_events() {
    for (const auto& event : log_.events) {
        story_ += "    " + std::string(event.type().name);
        for (const auto& [field, value] : event.fields())
            if (const auto* text = std::get_if<std::string>(&value)) story_ += " " + *text;
        story_ += "\n";
    }
    log_.events.clear();
}

void Ward::restart_bridge() {
    story_ += "restart\n";
    open();
}

void Ward::settle() {
    for (int time = 0; time < 2; ++time) {
        story_ += "the HIS sends everybody again\n";
        for (const auto& [who, number] : numbers_)
            edit(who);
        for (const bool full : {false, false, true, true, false})
            cycle(full);
    }
}

void Ward::put_right_in_medicapp() {
    story_ += "users of Medicapp put every externalId right\n";
    for (const auto& [id, who] : people_) {
        const auto number = number_of(who);
        const auto place = medicapp_.patients.find(id);
        if (place == medicapp_.patients.end() || !number) continue;
        const auto text = std::to_string(*number);
        if (place->second.patient.external_id() != text) medicapp_.renumber(id, text);
        seen_as_[id] = text;
    }
    settle();
}

void Ward::check_patients() {
    std::map<int, int> times;
    for (const auto& [id, patient] : medicapp_.patients) {
        const auto who = person_born(patient.patient[Field::birth_date].text());
        const auto [known, is_new] = people_.emplace(id, who.value_or(nobody));
        const int is = known->second;
        if (is_new) story_ += "  " + word(id) + " is created\n";
        if (is_new && erased_.contains(is)) breaks(id, "was erased, and is back");
        if (who != is || patient.patient[Field::first_name].text() != person(is).first_name)
            breaks(id, "became somebody else");
        if (++times[is] > 1) breaks(id, "is there twice");
        check_phone(id, is);
        check_number(id, is);
    }
}

void Ward::check_phone(const std::string& id, int is) {
    const auto& phone = medicapp_.patients.at(id).patient[Field::phone].text();
    for (const auto& [other, theirs] : phones_)
        if (other != is && phone.ends_with(theirs.substr(1)))
            breaks(id, std::string("has the phone of ") + person(other).first_name);
}

void Ward::check_number(const std::string& id, int is) {
    const auto& number = medicapp_.patients.at(id).patient.external_id();
    auto& before = seen_as_[id];
    if (before == number) return;
    before = number;
    story_ += "  " + word(id) + " has the number " + number + "\n";
    const auto right = number_of(is);
    if (!right || number != std::to_string(*right))
        breaks(id, "is given the number " + number + ", which is not theirs");
}

void Ward::check_end() {
    for (const auto& [who, number] : numbers_) {
        if (erased_.contains(who)) continue;
        const auto id = std::to_string(number);
        if (store_->look_up(std::vector<std::string>(1, id)).front().held) continue;
        const auto* const shown = medicapp_.find(id);
        if (!shown || people_.at(shown->id) != who ||
            !shown->patient[Field::phone].text().ends_with(phones_.at(who).substr(1)))
            broken_.push_back(std::string(person(who).first_name) + " is not in Medicapp as " + id +
                              " with the last phone, and not held");
    }
}

std::string Ward::held() {
    std::string text;
    for (const auto& one : store_->held())
        text += "held: " + one.key + " " + std::string(name(one.reason)) + " " + one.medicapp_id +
                " " + one.field + ": " + one.detail + "\n";
    return text;
}

int Ward::left_to_operators() {
    int left = 0;
    for (const auto& [who, number] : numbers_) {
        const auto held =
            store_->look_up(std::vector<std::string>(1, std::to_string(number))).front().held;
        if (held && !erased_.contains(who)) ++left;
    }
    return left;
}

} // namespace medibridge::tests
