#include "connectors/medicapp/bodies.hpp"

#include "base/bytes/ascii.hpp"
#include "base/bytes/encode.hpp"
#include "base/bytes/utf8.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace medibridge::connectors {
namespace {

using reconcile::Field;
using reconcile::Patient;

constexpr std::string_view address_prefix = "address.";

void append_escaped(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (byte < 0x20) {
        out += "\\u" + base::hex_number(byte, 4);
    } else {
        out += c;
    }
}

/// Appends a JSON string; false if `text` is not UTF-8.
bool append_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        if (!base::is_beyond_ascii(text[at])) {
            append_escaped(out, text[at++]);
            continue;
        }
        const auto length = base::utf8_length(text.substr(at));
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
