#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace medibridge::connectors {

/// Turns a file's bytes into UTF-8, block by block. A byte order mark (UTF-8, UTF-16LE, UTF-16BE)
/// goes before the encoding that is given, and is no part of the text.
///
/// ISO 8859-1 is read as windows-1252, as everywhere: its further letters (œ, Ÿ, €) stand where ISO
/// 8859-1 has controls that no name holds.
class CsvDecoder {
  public:
    /// `encoding` is a name that ICU knows. Throws std::invalid_argument for another.
    explicit CsvDecoder(const std::string& encoding);
    ~CsvDecoder();
    CsvDecoder(const CsvDecoder&) = delete;
    CsvDecoder& operator=(const CsvDecoder&) = delete;

    /// Appends the decoded bytes to `text`. `last`: none follow. False if the bytes are not text in
    /// the encoding; what was valid before them is appended.
    bool decode(std::string_view bytes, bool last, std::string& text);
    /// ICU's name of the encoding that is in use.
    const std::string& encoding() const { return encoding_; }
    /// Whether the encoding has one byte a character, but all bytes so far are UTF-8 and some
    /// letters take several bytes: that does not happen by chance.
    bool contradicts_bytes() const { return one_byte_ && utf8_.has_letters() && !utf8_.failed(); }

  private:
    struct Converters;

    /// Whether bytes are UTF-8, block by block.
    class Utf8Watch {
      public:
        void look_at(std::string_view bytes, bool last);
        bool has_letters() const { return letters_; } ///< of several bytes
        bool failed() const { return failed_; }

      private:
        std::string rest_; ///< the beginning of a letter
        bool letters_ = false;
        bool failed_ = false;
    };

    void recognise_mark(bool last);
    bool convert(std::string_view bytes, bool last, std::string& text);

    std::string encoding_;
    std::string start_; ///< the first bytes, until they show whether there is a mark
    bool started_ = false;
    bool one_byte_ = false; ///< a character, in the encoding that was given
    Utf8Watch utf8_;
    std::unique_ptr<Converters> converters_;
};

} // namespace medibridge::connectors
