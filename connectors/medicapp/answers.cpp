#include "connectors/medicapp/answers.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/utf8.hpp"
#include "connectors/json/parse.hpp"
#include "connectors/medicapp/answer_keys.hpp"
#include "connectors/medicapp/error_words.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>
#include <vector>

namespace medibridge::connectors {
namespace {

using Key = AnswerKey;
using reconcile::Field;
using reconcile::FieldValue;
using reconcile::Precision;

std::optional<std::int64_t> whole_number(std::string_view text) {
    std::int64_t value = 0;
    const auto* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (text.empty() || error != std::errc() || stop != end || value < 0) return std::nullopt;
    return value;
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

constexpr const char* broken_character = "holds a broken character";
constexpr const char* not_text = "is not text";

/// Where in the answer the parser stands.
enum class Place : std::uint8_t {
    document,
    patients,
    patient,
    address,
    pagination,
    error,
    skipped
};

enum class Expected : std::uint8_t { page, patient, error };

/// Takes what an answer says, so that no document is built in memory.
class Reader final : public JsonVisitor {
  public:
    /// `repaired`: a lost character in the text is one that could not be read.
    Reader(Expected expected, bool repaired) : expected_(expected), repaired_(repaired) {
        places_.reserve(8);
    }

    MedicappPage page;
    MedicappPatient patient; ///< the one being read
    ErrorBody error;
    bool has_patients = false;
    bool has_total = false;
    bool has_total_pages = false;
    bool has_error = false;

    bool scalar(RawValue::Kind kind, std::string_view written) override {
        switch (kind) {
        case RawValue::Kind::null:
            if (place() == Place::patients) ++page.nameless;
            if (place() == Place::patient && key_ == Key::address) show_address();
            return true;
        case RawValue::Kind::boolean:
            not_a_value();
            return true;
        default:
            return value(written, kind == RawValue::Kind::text);
        }
    }

    bool open(bool list) override {
        const auto entered = list ? list_place() : object_place();
        if (entered == Place::skipped) not_a_value();
        places_.push_back(entered);
        return places_.size() <= deepest && items() <= most_patients_a_page;
    }
    bool name(std::string_view name) override {
        key_ = place() == Place::skipped ? Key::other : answer_key_named(name);
        return true;
    }
    bool close() override {
        const auto ended = places_.back();
        places_.pop_back();
        key_ = Key::other;
        if (ended != Place::patient || place() != Place::patients) return true;
        if (page.patients.empty()) page.patients.reserve(usual_page);
        if (patient.id.empty())
            ++page.nameless;
        else
            page.patients.push_back(std::move(patient));
        patient = MedicappPatient();
        return true;
    }

    std::size_t items() const {
        return page.patients.size() + static_cast<std::size_t>(page.nameless);
    }

  private:
    static constexpr std::size_t deepest = 10'000; ///< a byte each
    static constexpr std::size_t usual_page = 100; ///< patients

    /// The document itself has no place around it.
    Place place() const { return places_.empty() ? Place::skipped : places_.back(); }

    Place list_place() {
        const bool patients =
            expected_ == Expected::page && place() == Place::document && key_ == Key::data;
        has_patients = has_patients || patients;
        return patients ? Place::patients : Place::skipped;
    }

    Place object_place() {
        if (places_.empty()) {
            return expected_ == Expected::patient ? Place::patient : Place::document;
        }
        switch (places_.back()) {
        case Place::document:
            if (key_ == Key::pagination) return Place::pagination;
            if (key_ != Key::error || expected_ != Expected::error) return Place::skipped;
            return Place::error;
        case Place::patients:
            return Place::patient;
        case Place::patient:
            if (key_ == Key::address) {
                show_address();
                return Place::address;
            }
            return key_ == Key::data && places_.size() == 1 ? Place::patient : Place::skipped;
        default:
            return Place::skipped;
        }
    }

    bool value(std::string_view text, bool is_string) {
        switch (place()) {
        case Place::patient:
            return patient_value(text, is_string);
        case Place::address:
            if (key_ >= Key::first_field && is_address(field())) set_field(text, is_string);
            return true;
        case Place::pagination:
            return pagination_value(text);
        case Place::error:
            error_value(text, is_string);
            return true;
        case Place::patients:
            ++page.nameless;
            return true;
        default:
            return true;
        }
    }

    Field field() const {
        return static_cast<Field>(static_cast<int>(key_) - static_cast<int>(Key::first_field));
    }
    void set_unreadable(Field which, const char* reason) {
        patient.patient[which] = FieldValue::unreadable(reason);
    }
    bool is_lost(std::string_view text) const { return repaired_ && base::holds_replacement(text); }

    void set_field(std::string_view text, bool is_string) {
        if (!is_string && !base::is_ascii_digits(text))
            set_unreadable(field(), not_text);
        else if (is_lost(text))
            set_unreadable(field(), broken_character);
        else
            patient.patient[field()] = FieldValue::known(std::string(text));
    }

    /// A boolean, an object or a list where a text is expected.
    void not_a_value() {
        switch (place()) {
        case Place::patients:
            ++page.nameless;
            return;
        case Place::patient:
            if (key_ == Key::address) return address_unreadable();
            if (key_ == Key::external_id) patient.external_id_unreadable = true;
            if (key_ >= Key::first_field && !is_address(field())) set_unreadable(field(), not_text);
            return;
        case Place::address:
            if (key_ >= Key::first_field && is_address(field())) set_unreadable(field(), not_text);
            return;
        default:
            return;
        }
    }

    void show_address() { patient.shown |= reconcile::address_fields(); }

    void address_unreadable() {
        for (const auto part : reconcile::all_fields()) {
            if (is_address(part)) set_unreadable(part, not_text);
        }
    }

    void set_external_id(std::string_view text, bool is_string) {
        patient.external_id_unreadable =
            is_lost(text) || (!is_string && !base::is_ascii_digits(text));
        patient.patient.set_external_id(std::string(text));
    }

    bool patient_value(std::string_view text, bool is_string) {
        if (key_ >= Key::first_field) {
            if (!is_address(field())) set_field(text, is_string);
            return true;
        }
        switch (key_) {
        case Key::id:
            if (is_usable_id(text) && !is_lost(text) && (is_string || base::is_ascii_digits(text)))
                patient.id = text;
            return true;
        case Key::external_id:
            set_external_id(text, is_string);
            return true;
        case Key::address:
            address_unreadable();
            return true;
        case Key::created_at:
            patient.created_at = instant(text);
            return true;
        case Key::modified_at:
            patient.modified_at = instant(text);
            return true;
        case Key::resource_type:
            // Nearly all of a resource of FHIR would look as if it were empty.
            return false;
        case Key::records_count:
            patient.records_count = whole_number(text);
            return true;
        default:
            return true;
        }
    }

    std::optional<reconcile::Instant> instant(std::string_view text) {
        const auto read = reconcile::parse_rfc3339(text);
        if (!read) return std::nullopt;
        if (read->precision == Precision::milliseconds) page.precision = Precision::milliseconds;
        return read->instant;
    }

    bool pagination_value(std::string_view text) {
        std::int64_t* target = nullptr;
        if (key_ == Key::page) target = &page.page;
        if (key_ == Key::per_page) target = &page.per_page;
        if (key_ == Key::total) target = &page.total;
        if (key_ == Key::total_pages) target = &page.total_pages;
        if (!target) return true;
        const auto value = whole_number(text);
        // Without the numbers that say how many there are, a page says nothing.
        const bool needed = key_ == Key::total || key_ == Key::total_pages;
        if (!value) return !needed;
        *target = *value;
        has_total = has_total || key_ == Key::total;
        has_total_pages = has_total_pages || key_ == Key::total_pages;
        return true;
    }

    void error_value(std::string_view text, bool is_string) {
        if (key_ == Key::code)
            error.code = text;
        else if (key_ == Key::message && is_string)
            error.message = text;
        else if (key_ == Key::request_id)
            error.request_id = text;
        else if (key_ != Key::status)
            return;
        has_error = true;
    }

    Expected expected_;
    bool repaired_;
    std::vector<Place> places_;
    Key key_ = Key::other;
};

/// Nothing unless the text is one JSON object that the reader accepts. A text that a strict parser
/// refuses is repaired and read again; the first attempt is without repair because nearly all
/// answers need none.
std::optional<Reader> parse(std::string_view text, Expected expected) {
    if (!is_json_object(text)) return std::nullopt;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    Reader reader(expected, false);
    if (parse_json(text, reader).complete) return reader;
    const auto repaired = repaired_json(text);
    if (!repaired) return std::nullopt;
    Reader again(expected, true);
    if (!parse_json(*repaired, again).complete) return std::nullopt;
    return again;
}

} // namespace

bool is_json_object(std::string_view text) {
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{';
}

bool is_usable_id(std::string_view id) {
    return !id.empty() && id.size() <= longest_id && id != "." && id != "..";
}

std::optional<MedicappPage> read_page(std::string_view text) {
    auto reader = parse(text, Expected::page);
    const bool complete = reader && reader->has_patients && reader->has_total &&
                          reader->has_total_pages && reader->items() <= most_patients_a_page;
    if (!complete) return std::nullopt;
    return std::move(reader->page);
}

std::optional<MedicappPatient> read_patient(std::string_view text) {
    auto reader = parse(text, Expected::patient);
    if (!reader) return std::nullopt;
    return std::move(reader->patient);
}

std::optional<ErrorBody> read_error(std::string_view text) {
    constexpr std::size_t longest_message = 500;
    auto reader = parse(text, Expected::error);
    if (!reader || !reader->has_error) return std::nullopt;
    auto& error = reader->error;
    auto code = shown_error_code(error.code);
    // Nobody shows the message, but the name of a field is looked for there.
    if (code != error.code) error.message.insert(0, error.code + " ");
    error.code = std::move(code);
    error.request_id = shown_request_id(error.request_id);
    error.message = base::utf8_prefix(error.message, longest_message);
    return std::move(error);
}

} // namespace medibridge::connectors
