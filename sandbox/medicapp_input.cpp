#include "sandbox/medicapp_input.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace medibridge::sandbox {

namespace {

using State = MedicappInput::State;

struct FieldName {
    std::string_view json;
    std::string_view code; ///< as in INVALID_PHONE
};

constexpr std::array<FieldName, medicapp_fields> field_names{{
    {"externalId", "EXTERNAL_ID"},
    {"lastName", "LAST_NAME"},
    {"firstName", "FIRST_NAME"},
    {"birthDate", "BIRTH_DATE"},
    {"gender", "GENDER"},
    {"email", "EMAIL"},
    {"phone", "PHONE"},
    {"street", "STREET"},
    {"city", "CITY"},
    {"postalCode", "POSTAL_CODE"},
    {"country", "COUNTRY"},
}};

std::optional<MedicappField> field_of(std::string_view key, bool in_address) {
    const std::size_t from = in_address ? street : external_id;
    const std::size_t to = in_address ? medicapp_fields : street;
    for (std::size_t i = from; i < to; ++i) {
        if (field_names[i].json == key) return static_cast<MedicappField>(i);
    }
    return std::nullopt;
}

/// Fills an input while the body is read, without a document in between.
class Receiver : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit Receiver(MedicappInput& input) : input_(input) {}

    std::optional<Refusal> refusal;

    bool null() override { return take(State::null, {}); }
    bool boolean(bool) override { return wrong_type(); }
    bool number_integer(number_integer_t) override { return wrong_type(); }
    bool number_unsigned(number_unsigned_t) override { return wrong_type(); }
    bool number_float(number_float_t, const string_t&) override { return wrong_type(); }
    bool binary(binary_t&) override { return wrong_type(); }
    bool start_array(std::size_t) override { return wrong_type(); }
    bool end_array() override { return true; }
    bool string(string_t& text) override { return take(State::text, std::move(text)); }

    bool start_object(std::size_t) override {
        if (depth_ == 1 && !at_address_) return wrong_type();
        if (depth_ == 2) return wrong_type();
        if (depth_ == 1) input_.set_address(State::text);
        ++depth_;
        return true;
    }
    bool end_object() override {
        --depth_;
        at_address_ = false;
        return true;
    }
    bool key(string_t& name) override {
        at_address_ = depth_ == 1 && name == "address";
        if (at_address_) {
            return input_.address() == State::absent ||
                   refuse("DUPLICATE_FIELD", "field given twice: ", name);
        }
        field_ = field_of(name, depth_ == 2);
        if (!field_) return refuse("UNKNOWN_FIELD", "unknown field: ", name);
        if (input_[*field_].state != State::absent)
            return refuse("DUPLICATE_FIELD", "field given twice: ", name);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        refusal = Refusal{"INVALID_JSON", "the body is not valid JSON"};
        return false;
    }

  private:
    bool take(State state, std::string text) {
        if (depth_ == 0) return wrong_type();
        if (at_address_) {
            if (state == State::text) return wrong_type();
            input_.set_address(State::null);
            return true;
        }
        auto& value = input_[*field_];
        value.state = state;
        value.text = std::move(text);
        return true;
    }
    bool wrong_type() {
        if (depth_ == 0) return refuse("INVALID_JSON", "the body must be a JSON object", "");
        if (at_address_) return refuse("INVALID_ADDRESS", "address must be an object", "");
        const auto& name = field_names[*field_];
        return refuse("INVALID_" + std::string(name.code), "must be a string: ", name.json);
    }
    bool refuse(std::string code, std::string message, std::string_view name) {
        message += name;
        refusal = Refusal{std::move(code), std::move(message)};
        return false;
    }

    MedicappInput& input_;
    int depth_ = 0;
    bool at_address_ = false;
    std::optional<MedicappField> field_;
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool printable(std::string_view text, std::size_t most) {
    const bool controls = std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
    return !controls && text.size() <= most &&
           text.find_first_not_of(' ') != std::string_view::npos;
}

bool is_email(std::string_view text) {
    const auto at = text.find('@');
    if (text.size() > 254 || at == 0 || at > 64 || text.find('@', at + 1) != text.npos)
        return false;
    const auto domain = text.substr(at + 1);
    const auto plain = [](char c) {
        return c > ' ' && c < 0x7f && c != ',' && c != ';' && c != '<' && c != '>' && c != '"';
    };
    return std::all_of(text.begin(), text.end(), plain) && domain.find('.') != domain.npos &&
           domain.front() != '.' && domain.back() != '.' && domain.find("..") == domain.npos;
}

/// E.164: a plus sign and 7 to 15 digits, the first of which is not 0.
bool is_e164(std::string_view text) {
    return text.size() >= 8 && text.size() <= 16 && text[0] == '+' && text[1] != '0' &&
           std::all_of(text.begin() + 1, text.end(), is_digit);
}

} // namespace

std::string_view json_name(MedicappField field) {
    return field_names[field].json;
}

std::string field_code(MedicappField field) {
    return std::string(field_names[field].code);
}

bool well_shaped(MedicappField field, std::string_view text) {
    switch (field) {
    case birth_date:
        return is_calendar_date(text);
    case gender:
        return text == "M" || text == "F" || text == "O";
    case email:
        return is_email(text);
    case phone:
        return is_e164(text);
    case external_id:
        return printable(text, 128);
    default:
        return printable(text, 255);
    }
}

std::optional<Refusal> MedicappInput::read(std::string_view body, MedicappInput& input) {
    Receiver receiver(input);
    nlohmann::json::sax_parse(body, &receiver);
    return std::move(receiver.refusal);
}

std::optional<Refusal> MedicappInput::misshapen() const {
    for (std::size_t i = 0; i < medicapp_fields; ++i) {
        const auto field = static_cast<MedicappField>(i);
        if (values_[i].state != State::text || well_shaped(field, values_[i].text)) continue;
        const auto& name = field_names[i];
        return Refusal{"INVALID_" + std::string(name.code), "invalid " + std::string(name.json)};
    }
    return std::nullopt;
}

} // namespace medibridge::sandbox
