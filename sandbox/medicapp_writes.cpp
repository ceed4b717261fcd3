#include "sandbox/medicapp_api.hpp"

namespace medibridge::sandbox {

namespace {

using State = MedicappInput::State;

constexpr bool is_required(std::size_t field) {
    return field == last_name || field == first_name || field == birth_date;
}

constexpr bool is_identity(std::size_t field) {
    return is_required(field) || field == gender;
}

} // namespace

std::optional<Refusal> MedicappApi::check_nulls(const MedicappInput& input, bool change,
                                                Writer writer) const {
    const bool rejected =
        settings_.medicapp.put_null == PutNull::rejected && writer == Writer::caller;
    const bool clears = settings_.medicapp.put_null == PutNull::clears || writer != Writer::caller;
    for (std::size_t i = 0; i < medicapp_fields; ++i) {
        const auto field = static_cast<MedicappField>(i);
        const std::string name(json_name(field));
        if (!change && is_required(i) && input[field].state != State::text)
            return Refusal{"MISSING_" + field_code(field), name + " is required"};
        if (input[field].state == State::null && (rejected || (clears && is_required(i))))
            return Refusal{"INVALID_" + field_code(field), name + " must not be null"};
    }
    if (rejected && input.address() == State::null)
        return Refusal{"INVALID_ADDRESS", "address must not be null"};
    return std::nullopt;
}

std::optional<Refusal> MedicappApi::check_permissions(MedicappInput& input) const {
    for (std::size_t i = 0; i < medicapp_fields; ++i) {
        const auto field = static_cast<MedicappField>(i);
        const Permission permission = is_identity(i)         ? settings_.medicapp.put_names
                                      : field == external_id ? settings_.medicapp.put_external_id
                                                             : Permission::allow;
        if (permission == Permission::allow || input[field].state == State::absent) continue;
        if (permission == Permission::refuse)
            return Refusal{"IMMUTABLE_" + field_code(field),
                           std::string(json_name(field)) + " cannot be changed"};
        input[field].state = State::absent;
    }
    return std::nullopt;
}

Reply MedicappApi::create(std::string_view body, Writer writer) {
    MedicappInput input;
    if (const auto refusal = MedicappInput::read(body, input)) return refused(*refusal);
    if (const auto refusal = check_nulls(input, false, writer)) return refused(*refusal);
    if (const auto refusal = input.misshapen()) return refused(*refusal);
    const auto& external = input[external_id];
    if (external.state == State::text && settings_.medicapp.duplicates == Duplicates::refuse &&
        store_.find_external(external.text))
        return conflict();
    if (settings_.medicapp.lowercase_email) input[email].text = lower_case(input[email].text);
    MedicappTexts::Views texts;
    for (std::size_t i = 0; i < medicapp_fields; ++i) {
        const auto& value = input[static_cast<MedicappField>(i)];
        if (value.state == State::text) texts[i] = value.text;
    }
    const Slot slot = store_.add(texts, stamp(), visible_at());
    if (settings_.medicapp.post_answer == PostAnswer::full || writer == Writer::medicapp)
        return shown(201, slot);
    Reply reply;
    reply.status = 201;
    reply.body = "{\"id\":\"" + store_.id(slot) + "\"}";
    return reply;
}

MedicappApi::Merged MedicappApi::merge(MedicappTexts::Views& texts, const MedicappInput& input,
                                       bool nulls_clear) const {
    const auto before = texts;
    const bool replaced =
        input.address() == State::text && settings_.medicapp.put_address == PutAddress::replace;
    const bool cleared = input.address() == State::null && nulls_clear;
    Merged merged;
    for (std::size_t i = 0; i < medicapp_fields; ++i) {
        const auto& value = input[static_cast<MedicappField>(i)];
        if (i >= street && (replaced || cleared)) texts[i].reset();
        if (value.state == State::text) texts[i] = value.text;
        if (value.state == State::null && nulls_clear) texts[i].reset();
        merged.fields += value.state != State::absent;
        merged.same_fields += value.state != State::absent && texts[i] == before[i];
        merged.changed |= texts[i] != before[i];
    }
    return merged;
}

Reply MedicappApi::change(Slot slot, std::string_view body, Writer writer) {
    MedicappInput input;
    if (const auto refusal = MedicappInput::read(body, input)) return refused(*refusal);
    if (writer == Writer::caller) {
        if (const auto refusal = check_permissions(input)) return refused(*refusal);
    }
    if (const auto refusal = check_nulls(input, true, writer)) return refused(*refusal);
    if (const auto refusal = input.misshapen()) return refused(*refusal);
    const auto& external = input[external_id];
    if (external.state == State::text && settings_.medicapp.duplicates == Duplicates::refuse) {
        const auto holder = store_.find_external(external.text);
        if (holder && *holder != slot) return conflict();
    }
    if (settings_.medicapp.lowercase_email) input[email].text = lower_case(input[email].text);
    auto texts = store_[slot].texts.views();
    const bool clears =
        settings_.medicapp.put_null == PutNull::clears || writer == Writer::medicapp;
    const Merged merged = merge(texts, input, clears);
    change(slot, texts);
    if (writer == Writer::caller) {
        ++put_stats_.done;
        put_stats_.without_change += !merged.changed;
        put_stats_.fields += merged.fields;
        put_stats_.same_fields += merged.same_fields;
    }
    return shown(200, slot);
}

void MedicappApi::change(Slot slot, const MedicappTexts::Views& texts) {
    store_.change(slot, texts, stamp(), visible_at());
}

} // namespace medibridge::sandbox
