#include "control/operations.hpp"
#include "state/key_file.hpp"

#include <utility>

namespace medibridge::control::operations {

using runtime::Task;

namespace {

/// Says nothing of what was given: it may be the key, mistyped.
state::KeyBytes key_in(const std::string& text) {
    auto key = state::key_from_text(text);
    if (!key)
        throw Failure(Failure::Kind::usage, "`key` must be 64 hexadecimal digits, as `openssl rand "
                                            "-hex 32` makes them");
    return *std::move(key);
}

} // namespace

Task<Json> state_key(Call& call) {
    call.allow_parameters({});
    const auto place = co_await call.backend.state_key();
    Json it;
    it["key"] = place.key;
    it["file"] = text_or_null(place.file.string());
    co_return it;
}

Task<Json> rotate_key(Call& call) {
    call.allow_parameters({});
    const auto body = call.body({"key", "abandon"});
    const auto text = text_in(body, "key");
    auto abandoned = text_in(body, "abandon").value_or("");
    const bool is_configured = call.backend.settings().state.key.has_value();
    if (is_configured && !text)
        throw Failure(Failure::Kind::usage,
                      "`state.key` says where the key is, which medibridge does not write: make a "
                      "new one (openssl rand -hex 32 > FILE), give it with --new-key FILE, and put "
                      "it in the former one's place afterwards");
    if (!is_configured && text)
        throw Failure(Failure::Kind::usage,
                      "medibridge keeps the key in a file beside the state and makes the new one "
                      "by itself: give none");
    std::optional<state::KeyBytes> key;
    if (text) key = key_in(*text);
    const auto done = co_await call.backend.rotate_key(
        std::move(key), call.audit_entry("key_rotated", {}), std::move(abandoned));
    Json it;
    it["key"] = done.key;
    it["former"] = done.former;
    it["file"] = text_or_null(done.file.string());
    co_return it;
}

} // namespace medibridge::control::operations
