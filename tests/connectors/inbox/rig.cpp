#include "rig.hpp"

#include "connectors/inbox/sealed_records.hpp"

namespace medibridge::tests {

using connectors::Arrival;
using connectors::Receipt;
using connectors::SourceResult;
using reconcile::FieldValue;
using reconcile::SourceRecord;

namespace {

constexpr auto our_authority = "1.2.250.1.999.1.1";

connectors::Hl7Settings rig_settings() {
    connectors::Hl7Settings settings;
    settings.assigning_authority = our_authority;
    return settings;
}

std::string identifiers(const std::string& ids) {
    std::string all;
    for (std::size_t at = 0; at < ids.size();) {
        const auto end = std::min(ids.find(' ', at), ids.size());
        all += (all.empty() ? "" : "~") + ids.substr(at, end - at) + "^^^CHT&" + our_authority +
               "&ISO^PI";
        at = end + 1;
    }
    return all;
}

std::string text_of(const Adt& adt, int number) {
    std::string text = "MSH|^~\\&|DPI|CH|SYNC|BRIDGE|" + adt.sent.value_or(adt.recorded) +
                       "||ADT^" + adt.event + "|" + std::to_string(number) + "|P|2.5\rEVN||" +
                       adt.recorded + "\rPID|||" + identifiers(adt.id);
    int at = 3;
    for (const auto& [field, value] : adt.pid) {
        text += std::string(static_cast<std::size_t>(field - at), '|') + value;
        at = field;
    }
    text += '\r';
    if (!adt.retired.empty()) text += "MRG|" + identifiers(adt.retired) + "\r";
    return text;
}

} // namespace

std::map<int, std::string> anne(std::map<int, std::string> more) {
    more.insert({{5, "MOREL^Anne^^^^^L"}, {7, "19800101"}, {8, "F"}});
    return more;
}

InboxRig::InboxRig() : reader_(rig_settings()) {
    restart();
}

void InboxRig::restart() {
    inbox_.reset();
    database_.reset();
    store_.reset();
    store_ = state::open_sqlite(directory_.path() / "state.db", state::AuditSeal(key));
    database_ = std::make_unique<state::Database>(*store_, &worker_);
    inbox_ = make_inbox();
}

std::unique_ptr<connectors::SealedInbox> InboxRig::make_inbox() {
    connectors::SealedRecords records("adt", state::Seal(key), reconcile::Digester(key));
    return std::make_unique<connectors::SealedInbox>(
        io_.get_executor(), *database_, std::move(records), log_, [this] { return now; });
}

void InboxRig::send(const Adt& adt) {
    auto reading = reader_.read(text_of(adt, ++messages_), now);
    ASSERT_TRUE(reading.store) << reading.reason;
    EXPECT_EQ(reading.reason, "");
    ASSERT_TRUE(put(std::move(reading.arrival)));
}

SourceResult<Receipt> InboxRig::put(Arrival arrival) {
    return run(inbox_->put(std::move(arrival)));
}

void InboxRig::put_records(std::vector<SourceRecord> records, bool continues) {
    Arrival arrival;
    arrival.records = std::move(records);
    arrival.continues = continues;
    ASSERT_TRUE(put(std::move(arrival)));
}

void InboxRig::store_text(const std::string& id, const std::string& text) {
    state::InboxEntry entry;
    entry.source = "adt";
    entry.key = id;
    entry.sealed = state::Seal(key).close(text, "adt\n" + id);
    state::Batch batch;
    batch.put_inbox(std::move(entry));
    store_->commit(batch);
}

void InboxRig::take() {
    const auto entries = run(inbox_->read(false, 0, 1000));
    if (entries->empty()) return;
    EXPECT_TRUE(run(inbox_->mark_taken(entries->back().sequence)));
}

std::map<std::string, SourceRecord> InboxRig::all() {
    std::map<std::string, SourceRecord> records;
    const auto entries = run(inbox_->read(false, 0, 1000));
    for (const auto& entry : *entries)
        records.emplace(entry.record.patient.external_id(), entry.record);
    return records;
}

SourceRecord InboxRig::shown(const std::string& id) {
    const auto records = all();
    const auto found = records.find(id);
    if (found != records.end()) return found->second;
    ADD_FAILURE() << "nothing is known of " << id;
    return {};
}

std::string InboxRig::field(reconcile::Field field, const std::string& id) {
    const auto value = shown(id).patient[field];
    switch (value.state()) {
    case FieldValue::State::known:
        return value.text();
    case FieldValue::State::unknown:
        return "(unknown)";
    case FieldValue::State::cleared:
        return "(cleared)";
    case FieldValue::State::unreadable:
        break;
    }
    return "(unreadable)";
}

std::vector<std::string> InboxRig::told_of() {
    std::vector<std::string> patients;
    for (const auto& event : log_.events)
        for (const auto& [its_key, value] : event.fields())
            if (its_key == log::Key::patient) patients.push_back(std::get<std::string>(value));
    return patients;
}

} // namespace medibridge::tests
