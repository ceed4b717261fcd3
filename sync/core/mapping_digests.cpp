#include "sync/core/mapping_digests.hpp"

#include <sstream>

namespace medibridge::sync {

namespace {

/// Each key with a digest of its value.
Mapping digests_of(const Rules& rules, const std::string& source) {
    Mapping digests;
    const auto& mappings = rules.settings.mappings;
    const auto mapping = mappings.find(source);
    if (mapping == mappings.end()) return digests;
    for (const auto& [key, value] : mapping->second)
        digests[key] = reconcile::hex(rules.digester.text("mapping", value));
    return digests;
}

std::string to_text(const Mapping& digests) {
    std::string text;
    for (const auto& [key, digest] : digests)
        text += key + ' ' + digest + '\n';
    return text;
}

Mapping from_text(const std::string& text) {
    Mapping digests;
    std::istringstream lines(text);
    for (std::string key, digest; lines >> key >> digest;)
        digests[key] = digest;
    return digests;
}

void append_word(std::string& list, const std::string& word) {
    list += list.empty() ? word : "," + word;
}

} // namespace

std::string mapping_digests(const Rules& rules, const std::string& source) {
    return to_text(digests_of(rules, source));
}

std::string changed_keys(const std::string& digests_before, const std::string& digests_now) {
    const auto before = from_text(digests_before);
    const auto now = from_text(digests_now);
    std::string keys;
    for (const auto& [key, digest] : before) {
        const auto other = now.find(key);
        if (other == now.end() || other->second != digest) append_word(keys, key);
    }
    for (const auto& [key, digest] : now) {
        if (!before.contains(key)) append_word(keys, key);
    }
    return keys;
}

} // namespace medibridge::sync
