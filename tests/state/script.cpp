#include "script.hpp"

#include "memory_store.hpp"
#include "record_text.hpp"
#include "samples.hpp"

#include <array>
#include <chrono>

namespace medibridge::state::test {
namespace {

constexpr int links_in_a_batch = 30;
const std::array<std::string, 5> patient_names = {"a", "b", "c", "d", "e"};

const std::string& name(int n) {
    return patient_names[static_cast<std::size_t>(n) % patient_names.size()];
}

std::uint8_t seed(int n) {
    return static_cast<std::uint8_t>(n);
}

/// Enough of them that batches need several pages, and that a half batch shows.
void add_links(int n, Batch& to) {
    for (int i = 0; i < links_in_a_batch; ++i) {
        const std::string id = std::to_string(i + n % 3 * links_in_a_batch);
        to.add(Batch::PutLink{link("P" + id, "m" + id, seed(n + i))});
    }
}

void add_unlinked(int n, Batch& to) {
    Unlinked one = unlinked("u" + name(n), n % 2 == 0 ? name(n + 2) : "");
    one.matching_keys = {digest(seed(n % 3)), digest(seed(n % 2 + 1))};
    to.add(Batch::PutUnlinked{one});
    if (n % 4 == 3) to.add(Batch::DropUnlinked{"u" + name(n - 1)});
}

void add_facts(int n, Batch& to) {
    to.add(Batch::PutTombstone{{name(n), "m-" + name(n)}});
    if (n % 3 == 2) to.add(Batch::DropTombstone{name(n - 1)});
    to.add(Batch::PutRedirect{name(n), n % 3 == 0 ? "" : name(n + 1)});
}

void to_refusals(int n, Batch& to) {
    to.add(Batch::PutRefusal{{name(n), n, n % 2 == 0}});
    to.add(Batch::DropRefusal{name(n + 1)});
}

} // namespace

Batch scripted(int n) {
    Batch made;
    add_links(n, made);
    made.add(Batch::DropLink{name(n + 1)});
    made.add(Batch::PutLink{link(name(n), "x" + name(n), seed(n))});
    add_unlinked(n, made);
    made.add(Batch::PutIntent{
        intent(name(n), n % 2 == 0 ? Intent::Kind::create : Intent::Kind::update)});
    made.add(Batch::DropIntent{name(n - 1)});
    made.add(Batch::Hold{held(name(n), n)});
    made.add(Batch::Release{name(n + 2)});
    add_facts(n, made);
    to_refusals(n, made);
    made.add(Batch::PutDecision{decision(name(n), n)});
    made.add(Batch::DropDecision{name(n + 1)});
    made.add(Batch::PutTaken{{name(n), name(n % 2), digest(seed(n))}});
    if (n % 3 == 0) made.add(Batch::MoveTaken{name(n), name(n + 3)});
    made.add(Batch::TellApart{{name(n % 4), digest(seed(n))}});
    if (n % 5 == 0) made.add(Batch::WithdrawApart{name(n % 3)});
    Watermark mark = watermark(n % 2 == 0 ? "medicapp" : "his:dpi");
    mark.anchor = std::to_string(n);
    made.add(Batch::PutWatermark{mark});
    made.add(Batch::PutMeta{"batch", std::to_string(n)});
    made.add(Batch::PutInbox{{0, name(n), name(n + 1), std::to_string(n)}});
    made.add(Batch::PutInbox{{0, name(n), name(n + 2), std::to_string(n)}});
    made.add(Batch::PutReceipt{{name(n), digest(seed(n)), std::to_string(n)}});
    made.add(Batch::TakeInbox{name(n - 1), n});
    made.add(Batch::Audit{audit_entry(name(n), n)});
    return made;
}

int last_scripted(Store& store) {
    const std::string number = store.meta("batch");
    return number.empty() ? 0 : std::stoi(number);
}

std::string scripted_text(Store& store) {
    return text(store, {patient_names.begin(), patient_names.end()});
}

const std::vector<std::string>& scripted_texts() {
    static const std::vector<std::string> texts = [] {
        MemoryStore model;
        std::vector<std::string> made = {scripted_text(model)};
        for (int n = 1; n <= scripted_batches; ++n) {
            model.commit(scripted(n));
            made.push_back(scripted_text(model));
        }
        return made;
    }();
    return texts;
}

std::int64_t first_moment() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return 1 + std::chrono::floor<std::chrono::days>(now).count() % stride;
}

} // namespace medibridge::state::test
