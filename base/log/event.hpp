#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace medibridge::log {

enum class Level { debug, info, warn, error };
std::string_view name(Level level);

/// One kind of thing that happens, as the catalogue lists it. The message is fixed text: what
/// varies goes into an event's fields, so that no value can slip into a sentence.
struct EventType {
    std::string_view name;
    Level level;
    std::string_view message;
};

/// The same event where it weighs otherwise: another level, and a message of its own.
struct EventVariant {
    const EventType& type;
    Level level;
    std::string_view message;
};

/// The fields an event may carry, in the order in which they are written.
enum class Key {
    cycle,
    source,
    patient, ///< an externalId; the sink writes a pseudonym unless told otherwise
    medicapp_id,
    request_id,
    status,
    attempt,
    delay_ms,
    duration_ms,
    fields, ///< names of fields, comma-separated; never values
    reason, ///< fixed words or names; never a value of a patient
    detail, ///< more of the reason: words without values, a code, a file and its line
    created,
    updated,
    linked,
    unchanged,
    held,
    deferred,
    file,      ///< name of a file that a source read
    rows,      ///< of that file, without its header
    decision,  ///< an operator's: `link`
    actor,     ///< the operator's name as the system knows it
    to_decide, ///< patients of whom an operator must decide something
    excluded,  ///< patients whom a rule, or an operator, leaves out
    patients,  ///< how many patients the event speaks of
    address,   ///< host and port
    files,     ///< how many files the event speaks of
    version,   ///< of the program
    sources,   ///< their names, comma-separated
};

inline constexpr std::size_t key_count = static_cast<std::size_t>(Key::sources) + 1;
std::string_view name(Key key);

/// One event that happened: its type and its fields. Holds no patient data except the externalId.
class Event {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    explicit Event(const EventType& type)
        : type_(&type),
          level_(type.level),
          message_(type.message) {}
    explicit Event(const EventVariant& variant)
        : type_(&variant.type),
          level_(variant.level),
          message_(variant.message) {}

    void add(Key key, std::int64_t value) { fields_.emplace_back(key, value); }
    void add(Key key, std::string value) { fields_.emplace_back(key, std::move(value)); }

    /// The same for chained calls. Returns by value, so that a moved event is never assigned to
    /// itself.
    Event with(Key key, std::int64_t value) && {
        add(key, value);
        return std::move(*this);
    }
    Event with(Key key, std::string value) && {
        add(key, std::move(value));
        return std::move(*this);
    }

    const EventType& type() const { return *type_; }
    Level level() const { return level_; }
    std::string_view message() const { return message_; }
    /// Another event says what matters of it.
    void set_level(Level level) { level_ = level; }
    const std::vector<std::pair<Key, Value>>& fields() const { return fields_; }

  private:
    const EventType* type_;
    Level level_;
    std::string_view message_;
    std::vector<std::pair<Key, Value>> fields_;
};

/// Where events go. Called on the io thread only; never throws.
class EventLog {
  public:
    virtual ~EventLog() = default;
    virtual void write(const Event& event) = 0;
};

} // namespace medibridge::log
