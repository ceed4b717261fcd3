#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace medibridge::sandbox {

/// Appends a JSON string with its quotes. The text must be UTF-8.
void append_json(std::string& out, std::string_view text);

/// How an absent value is shown in an answer.
enum class Absent { null, omit };

/// Writes one JSON object, member by member, without building a document first.
class JsonObject {
  public:
    JsonObject(std::string& out, Absent absent) : out_(out), absent_(absent) { out_ += '{'; }

    void text(std::string_view key, std::optional<std::string_view> value);
    void boolean(std::string_view key, bool value);
    /// Starts a member whose value the caller appends.
    void key(std::string_view key);
    /// Ends the object; nothing may follow.
    void close() { out_ += '}'; }

  private:
    std::string& out_;
    Absent absent_;
    bool first_ = true;
};

} // namespace medibridge::sandbox
