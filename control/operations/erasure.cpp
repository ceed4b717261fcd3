#include "control/erasing.hpp"
#include "control/hold_words.hpp"
#include "control/operations.hpp"
#include "control/patient_json.hpp"

#include <optional>
#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// The patient as Medicapp has them now, and what proves that somebody saw just that.
struct Subject {
    sync::Inquiry inquiry;
    std::string medicapp_id;
    std::optional<std::int64_t> records;
    std::string token;
};

Task<Subject> subject_of(Call& call) {
    Subject subject;
    const auto& key = call.captured.at(0);
    subject.inquiry = co_await call.backend.inquire(key);
    const auto& inquiry = subject.inquiry;
    if (!inquiry.medicapp_trouble.empty())
        throw Unavailable("Medicapp cannot be read now: " + inquiry.medicapp_trouble);
    if (!inquiry.medicapp)
        throw Failure(Failure::Kind::not_found,
                      "Medicapp is not known to have a patient with that externalId");
    const auto doubt = doubt_about_erasure(inquiry);
    if (!doubt.empty()) throw Failure(Failure::Kind::refused, doubt);
    subject.medicapp_id = inquiry.medicapp->id;
    subject.records = inquiry.medicapp->records_count;
    const auto seen = reconcile::hex(inquiry.token) + ' ' + key + '\n' + subject.medicapp_id + ' ' +
                      (subject.records ? std::to_string(*subject.records) : "?");
    subject.token = reconcile::hex(call.backend.digester().text("who is to be erased", seen));
    co_return subject;
}

/// Why the order is not about what is there now; empty: it is.
std::string misfit(const Json& body, const Subject& now) {
    if (text_in(body, "token").value_or("") != now.token)
        return "the patient has changed since you looked: look at them again";
    if (number_in(body, "records") != now.records)
        return "the number of records is another one: look at the patient again";
    return {};
}

} // namespace

Task<Json> show_erasure(Call& call) {
    call.allow_parameters({});
    {
        const ErasureTurn turn(call.backend);
        co_await settle_erasure(call.backend);
    }
    const auto subject = co_await subject_of(call);
    co_await call.note_look(call.captured.at(0), "values");
    Json it;
    it["external_id"] = call.captured.at(0);
    it["medicapp_id"] = subject.medicapp_id;
    it["patient"] = medicapp_json(*subject.inquiry.medicapp);
    it["records"] = subject.records ? Json(*subject.records) : Json();
    it["token"] = subject.token;
    co_return it;
}

Task<Json> erase(Call& call) {
    call.allow_parameters({});
    const auto body = call.body({"token", "records"});
    if (!text_in(body, "token"))
        throw Failure(Failure::Kind::usage, "`token` must be what GET gave for this patient");
    if (call.backend.live().running)
        throw Unavailable("a cycle is running: try again when it has ended");
    const ErasureTurn turn(call.backend);
    co_await settle_erasure(call.backend);
    auto subject = co_await subject_of(call);
    const auto wrong = misfit(body, subject);
    if (!wrong.empty()) throw Failure(Failure::Kind::refused, wrong);

    const ErasureOrder order{call.captured.at(0),
                             subject.medicapp_id,
                             {call.person.name, call.person.uid},
                             subject.inquiry.known.tombstone.has_value()};
    const auto end = co_await carry_out(call.backend, order, std::move(subject.inquiry));
    Json it;
    it["external_id"] = order.external_id;
    it["medicapp_id"] = order.medicapp_id;
    it["result"] = end.erased ? "applied" : "refused";
    it["reason"] = text_or_null(end.why_not);
    co_return it;
}

} // namespace medibridge::control::operations
