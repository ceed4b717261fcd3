#include "sandbox/control_api.hpp"

#include "sandbox/his_json.hpp"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

namespace medibridge::sandbox {

namespace {

using nlohmann::json;

Reply answer(const json& body, unsigned status = 200) {
    Reply reply;
    reply.status = status;
    reply.body = body.dump() + '\n';
    return reply;
}

Reply mistake(const std::string& text, unsigned status = 400) {
    json body;
    body["error"] = text;
    return answer(body, status);
}

json parsed(std::string_view body) {
    json document = json::parse(body, nullptr, false);
    if (document.is_discarded()) throw std::invalid_argument("the body is not valid JSON");
    return document;
}

json summary(const SideStats& stats) {
    json requests;
    for (const Verb verb : {Verb::get, Verb::post, Verb::put, Verb::delete_, Verb::other})
        requests[std::string(name(verb))] = stats.by_verb[static_cast<std::size_t>(verb)];
    json statuses = json::object();
    for (std::size_t status = 0; status < stats.by_status.size(); ++status) {
        if (stats.by_status[status] > 0) statuses[std::to_string(status)] = stats.by_status[status];
    }
    json out;
    out["requests"] = std::move(requests);
    out["lists"] = stats.lists;
    out["statuses"] = std::move(statuses);
    out["unanswered"] = stats.unanswered;
    out["faults"] = stats.faults;
    out["most_in_flight"] = stats.most_in_flight;
    return out;
}

/// Writes `{"patients":[…],"total":N}` of the slots from `offset` on that are not erased.
template <class Store, class Append>
Reply dump(const Store& store, const Query& query, Append append) {
    const std::size_t most = query.number("limit", store.slots() + 1, SIZE_MAX).value_or(0);
    std::size_t skip = query.number("offset", 0, SIZE_MAX).value_or(0);
    std::size_t shown = 0;
    Reply reply;
    reply.body = "{\"patients\":[";
    for (Slot slot = 0; slot < store.slots() && shown < most; ++slot) {
        if (store[slot].erased) continue;
        if (skip > 0) {
            --skip;
            continue;
        }
        reply.body += shown++ > 0 ? ",\n" : "\n";
        append(reply.body, slot);
    }
    reply.body += "],\"total\":" + std::to_string(store.size()) + "}\n";
    return reply;
}

} // namespace

ControlApi::ControlApi(World& world, std::function<void()> changed)
    : world_(world),
      changed_(std::move(changed)) {}

Reply ControlApi::handle(const Request& request) {
    static constexpr std::string_view root = "/sandbox/";
    Reply reply;
    if (!request.path.starts_with(root)) {
        reply = mistake("everything here is under /sandbox/", 404);
    } else {
        try {
            reply = route(request, request.path.substr(root.size()));
        } catch (const std::invalid_argument& error) {
            reply = mistake(error.what());
        }
    }
    reply.date = world_.his_api.now();
    return reply;
}

Reply ControlApi::route(const Request& request, std::string_view path) {
    static constexpr std::string_view medicapp_path = "medicapp/patients";
    static constexpr std::string_view his_path = "his/patients";
    if (path == "stats") return stats(request.verb);
    if (path == "faults") return faults(request);
    if (path == "switches") return set_switches(request);
    if (path == "his/edit") return count_action(request, &World::edit_his);
    if (path == "medicapp/edit") return count_action(request, &World::edit_medicapp);
    if (path == "medicapp/erase") return count_action(request, &World::erase_medicapp);
    if (path == "medicapp/snapshot") return snapshot_medicapp(request);
    if (path == "medicapp/restore") return restore_medicapp(request);
    if (path == medicapp_path) return medicapp_patients(request);
    if (path == his_path) return his_patients(request);
    const auto key = percent_decoded(path.substr(path.rfind('/') + 1), false);
    const auto parent = path.substr(0, path.rfind('/'));
    if (parent == medicapp_path) return medicapp_patient(request, key);
    if (parent == his_path) return his_patient(request, key);
    return mistake("there is no such place", 404);
}

Reply ControlApi::stats(Verb verb) {
    if (verb == Verb::delete_) {
        world_.medicapp.reset_stats();
        world_.his.reset_stats();
        world_.medicapp_api.reset_put_stats();
    }
    const auto& store = world_.medicapp_store;
    const auto& puts = world_.medicapp_api.put_stats();
    json medicapp = summary(world_.medicapp.stats());
    medicapp["patients"] = store.size();
    medicapp["erased"] = store.erased();
    medicapp["duplicates"] = store.duplicates();
    medicapp["created_again_after_erasure"] = store.resurrected();
    medicapp["puts"]["done"] = puts.done;
    medicapp["puts"]["without_change"] = puts.without_change;
    medicapp["puts"]["fields"] = puts.fields;
    medicapp["puts"]["same_fields"] = puts.same_fields;
    json his = summary(world_.his.stats());
    his["patients"] = world_.his_store.size();
    json body;
    body["medicapp"] = std::move(medicapp);
    body["his"] = std::move(his);
    if (hl7_stats_) {
        const auto hl7 = hl7_stats_();
        body["hl7"]["queued"] = hl7.queued;
        body["hl7"]["accepted"] = hl7.accepted;
        body["hl7"]["refused"] = hl7.refused;
        body["hl7"]["resent"] = hl7.resent;
    }
    return answer(body);
}

Reply ControlApi::faults(const Request& request) {
    if (request.verb == Verb::delete_) {
        world_.faults.replace({});
    } else if (request.verb != Verb::get) {
        const json body = parsed(request.body);
        std::vector<std::string> texts;
        if (!body.is_object() || !body.contains("faults") || !body["faults"].is_array())
            return mistake("expected {\"faults\":[\"POST:5:reset-after\"]}");
        for (const auto& item : body["faults"]) {
            if (!item.is_string()) return mistake("a fault is a string");
            texts.push_back(item.get<std::string>());
        }
        world_.faults.replace(texts);
    }
    json list = json::array();
    for (const auto& rule : world_.faults.rules()) {
        json entry;
        entry["fault"] = rule.text();
        entry["seen"] = rule.seen();
        entry["hits"] = rule.hits();
        list.push_back(std::move(entry));
    }
    json body;
    body["faults"] = std::move(list);
    return answer(body);
}

Reply ControlApi::set_switches(const Request& request) {
    const json body = parsed(request.body);
    if (!body.is_object()) return mistake("expected {\"NAME\":VALUE}");
    for (const auto& [name, value] : body.items()) {
        const auto text = value.is_string() ? value.get<std::string>() : value.dump();
        if (const auto wrong = world_.set(name, text)) return mistake(*wrong);
        changed_();
    }
    return answer(json::object());
}

Reply ControlApi::count_action(const Request& request,
                               std::uint64_t (World::*action)(std::uint64_t)) {
    if (request.verb != Verb::post) return mistake("only POST", 405);
    const auto count = Query(request.query).number("count", 1, 1'000'000'000);
    if (!count) return mistake("count must be 1 or more");
    json body;
    body["done"] = (world_.*action)(*count);
    return answer(body);
}

Reply ControlApi::snapshot_medicapp(const Request& request) {
    if (request.verb != Verb::post) return mistake("only POST", 405);
    snapshot_ = world_.medicapp_store.snapshot();
    return answer(json::object());
}

Reply ControlApi::restore_medicapp(const Request& request) {
    if (request.verb != Verb::post) return mistake("only POST", 405);
    if (!snapshot_) return mistake("there is no snapshot: POST medicapp/snapshot first", 409);
    world_.medicapp_store.restore(*snapshot_);
    return answer(json::object());
}

Reply ControlApi::medicapp_patients(const Request& request) {
    if (request.verb == Verb::post) return add_medicapp(request.body);
    if (request.verb != Verb::get) return mistake("only GET and POST", 405);
    return dump(world_.medicapp_store, Query(request.query), [this](std::string& out, Slot slot) {
        world_.medicapp_api.append_patient(out, slot, true);
    });
}

Reply ControlApi::add_medicapp(std::string_view body) {
    json document = parsed(body);
    if (!document.is_array()) return world_.medicapp_api.create(body, Writer::medicapp);
    for (const auto& item : document) {
        Reply reply = world_.medicapp_api.create(item.dump(), Writer::medicapp);
        if (reply.status != 201) return reply;
    }
    json summary;
    summary["done"] = document.size();
    return answer(summary, 201);
}

Reply ControlApi::medicapp_patient(const Request& request, const std::string& key) {
    auto& store = world_.medicapp_store;
    auto slot = store.find(key);
    if (!slot) slot = store.find_external(key);
    if (!slot) return mistake("no such patient in Medicapp", 404);
    if (request.verb == Verb::put)
        return world_.medicapp_api.change(*slot, request.body, Writer::medicapp);
    Reply reply;
    if (request.verb == Verb::delete_) {
        store.erase(*slot);
        reply.status = 204;
    } else if (request.verb == Verb::get) {
        world_.medicapp_api.append_patient(reply.body, *slot, true);
    } else {
        return mistake("only GET, PUT and DELETE", 405);
    }
    return reply;
}

Reply ControlApi::his_patients(const Request& request) {
    auto& store = world_.his_store;
    if (request.verb == Verb::post) {
        const auto drafts = read_his_patients(request.body, store, world_.his_api.now());
        for (const auto& draft : drafts)
            store.put(draft);
        json body;
        body["done"] = drafts.size();
        return answer(body, 201);
    }
    if (request.verb != Verb::get) return mistake("only GET and POST", 405);
    return dump(store, Query(request.query),
                [&store](std::string& out, Slot slot) { append_his_patient(out, store[slot]); });
}

Reply ControlApi::his_patient(const Request& request, const std::string& ipp) {
    auto& store = world_.his_store;
    const auto slot = store.find(ipp);
    if (!slot) return mistake("no such patient in the HIS", 404);
    Reply reply;
    if (request.verb == Verb::delete_) {
        store.erase(*slot, world_.his_api.now());
        reply.status = 204;
        return reply;
    }
    if (request.verb == Verb::put) {
        const auto drafts = read_his_patients(request.body, store, world_.his_api.now(), ipp);
        if (drafts.size() != 1 || drafts.front().texts[his_field::ipp] != ipp)
            return mistake("expected one patient with the same ipp");
        store.replace(*slot, drafts.front());
    } else if (request.verb != Verb::get) {
        return mistake("only GET, PUT and DELETE", 405);
    }
    append_his_patient(reply.body, store[*slot]);
    return reply;
}

} // namespace medibridge::sandbox
