#include "connectors/medicapp/bodies.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using reconcile::Patient;

constexpr std::string_view address_prefix = "address.";

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80;
}

/// The length of the UTF-8 sequence at `at`, which is not ASCII; 0 if it is none (RFC 3629).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text, at + i)) return 0;
    }
    const auto second = static_cast<unsigned char>(text[at + 1]);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool beyond = lead == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

void append_escaped(std::string& out, char c) {
    constexpr std::string_view hex = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (byte < 0x20) {
        out += "\\u00";
        out += hex[byte >> 4];
        out += hex[byte & 0xF];
    } else {
        out += c;
    }
}

/// Appends a JSON string; false if `text` is not UTF-8.
bool append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            append_escaped(out, text[at++]);
            continue;
        }
        const auto length = sequence_length(text, at);
        if (length == 0) return false;
        out += text.substr(at, length);
        at += length;
    }
    out += '"';
    return true;
}

/// Writes a patient's fields as Medicapp's JSON object, in the order in which they are added.
class BodyWriter {
  public:
    BodyWriter() { out_.reserve(typical_size); }

    void add_external_id(const std::string& external_id) {
        begin("externalId");
        usable_ = append_string(out_, external_id) && usable_;
    }
    void add(Field field, const std::string& text) {
        begin_field(field);
        usable_ = append_string(out_, text) && usable_;
    }
    void add_null(Field field) {
        begin_field(field);
        out_ += "null";
    }
    void refuse() { usable_ = false; }

    std::optional<std::string> finish() && {
        if (!usable_ || !any_) return std::nullopt;
        out_ += in_address_ ? "}}" : "}";
        return std::move(out_);
    }

  private:
    static constexpr std::size_t typical_size = 320;

    void begin(std::string_view key) {
        out_ += any_ ? ",\"" : "{\"";
        out_ += key;
        out_ += "\":";
        any_ = true;
    }

    /// The address's fields are the last ones of all, so its object ends with the body.
    void begin_field(Field field) {
        const auto name = reconcile::name(field);
        if (!is_address(field)) return begin(name);
        const auto key = name.substr(address_prefix.size());
        if (in_address_) return begin(key);
        begin("address");
        out_ += "{\"";
        out_ += key;
        out_ += "\":";
        in_address_ = true;
    }

    std::string out_;
    bool any_ = false;
    bool in_address_ = false;
    bool usable_ = true;
};

} // namespace

std::optional<std::string> create_body(const Patient& patient) {
    BodyWriter body;
    body.add_external_id(patient.external_id());
    for (const auto field : reconcile::all_fields()) {
        if (patient[field].is_known()) body.add(field, patient[field].text());
    }
    return std::move(body).finish();
}

std::optional<std::string> update_body(const PatientUpdate& update) {
    BodyWriter body;
    if (update.write_external_id) body.add_external_id(update.patient.external_id());
    for (const auto field : reconcile::all_fields()) {
        const auto& value = update.patient[field];
        if (update.write.has(field)) {
            if (value.is_known())
                body.add(field, value.text());
            else
                body.refuse();
        } else if (update.clear.has(field)) {
            body.add_null(field);
        }
    }
    return std::move(body).finish();
}

} // namespace medibridge::connectors
