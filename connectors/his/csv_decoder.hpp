#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Turns a file's bytes into UTF-8, block by block. A byte order mark (UTF-8, UTF-16LE, UTF-16BE)
/// goes before the encoding that is given, and is no part of the text.
class CsvDecoder {
  public:
    /// `encoding` is a name that ICU knows. Throws std::invalid_argument for another.
    explicit CsvDecoder(const std::string& encoding);
    ~CsvDecoder();
    CsvDecoder(const CsvDecoder&) = delete;
    CsvDecoder& operator=(const CsvDecoder&) = delete;

    /// Appends to `text` what the bytes say. `last`: none follow. False where they are no text in
    /// the encoding; what stood before is appended then.
    bool decode(std::string_view bytes, bool last, std::string& text);
    /// ICU's name of the encoding that is in use.
    const std::string& encoding() const { return encoding_; }

  private:
    struct Converters;

    void recognise_mark(bool last);
    bool convert(std::string_view bytes, bool last, std::string& text);

    std::string encoding_;
    std::string start_; ///< the first bytes, until they show whether there is a mark
    bool started_ = false;
    std::unique_ptr<Converters> converters_;
};

} // namespace medibridge::connectors
