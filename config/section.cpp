#include "config/section.hpp"

#include <algorithm>

namespace medibridge::config {

Section::Section(const Value& value, Report& report, Repeat repeat)
    : report_(report),
      node_(value.node),
      path_(value.path),
      place_(value.place),
      repeat_(repeat),
      readable_(value.node->kind == Node::Kind::mapping) {
    if (!readable_)
        report_.mistake(place_, quote(path_) + " must be a mapping (`key: value`), but is " +
                                    std::string(name(node_->kind)));
}

Section::~Section() {
    if (!readable_ || open_) return;
    for (const auto& entry : node_->entries) {
        const bool asked = std::find(asked_.begin(), asked_.end(), entry.key) != asked_.end();
        // A key that is no text, and a merge, are reported already.
        if (!asked && !entry.key.empty() && entry.key != "<<") report_unknown(entry);
    }
}

void Section::report_unknown(const Entry& entry) const {
    std::vector<std::string_view> known(asked_.begin(), asked_.end());
    std::sort(known.begin(), known.end());
    const std::string where = path_.empty() ? "at the top" : "in " + quote(path_);
    const bool glued =
        entry.value.kind == Node::Kind::null && entry.key.find(':') != std::string::npos;
    if (repeat_ == Repeat::nothing && nearest(entry.key, known).empty()) {
        report_.mistake(entry.place,
                        "unknown key " + where + suggestion(std::string_view{}, known));
    } else if (glued) {
        report_.mistake(entry.place,
                        "unknown key " + quote(entry.key) + " " + where +
                            ": a space must follow the colon between a key and its value");
    } else {
        report_.mistake(entry.place, "unknown key " + quote(entry.key) + " " + where +
                                         suggestion(entry.key, known));
    }
}

const Entry* Section::entry(std::string_view key) const {
    if (!readable_) return nullptr;
    for (const auto& entry : node_->entries)
        if (entry.key == key) return &entry;
    return nullptr;
}

bool Section::has(std::string_view key) const {
    return entry(key) != nullptr;
}

Value Section::value_of(const Entry& entry) const {
    // A value that is not there has no place of its own, and one that begins in a later line is
    // better found by its key.
    const bool beside =
        entry.value.kind != Node::Kind::null && entry.value.place.line == entry.place.line;
    return {&entry.value, beside ? entry.value.place : entry.place,
            path_.empty() ? entry.key : path_ + "." + entry.key};
}

std::optional<Value> Section::find_section(std::string_view key) {
    asked_.emplace_back(key);
    report_.know(path_.empty() ? std::string(key) : path_ + "." + std::string(key));
    const Entry* found = entry(key);
    if (found == nullptr || found->value.kind == Node::Kind::null) return std::nullopt;
    return value_of(*found);
}

std::optional<Value> Section::find(std::string_view key) {
    auto value = find_section(key);
    const Entry* found = entry(key);
    if (found != nullptr && !value)
        report_.mistake(found->place, quote(value_of(*found).path) +
                                          " has no value: give one, or remove the key");
    return value;
}

std::optional<Value> Section::require(std::string_view key, std::string_view fix) {
    auto value = find(key);
    if (readable_ && !has(key)) {
        const std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
        report_.mistake(place_, quote(path) + " is missing: " + std::string(fix));
    }
    return value;
}

std::span<const Entry> Section::entries() {
    open_ = true;
    if (!readable_) return {};
    return node_->entries;
}

} // namespace medibridge::config
