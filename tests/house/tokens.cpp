#include "tokens.hpp"

#include <algorithm>
#include <cctype>
#include <string>

namespace medibridge::house {
namespace {

bool is_word_char(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_raw_string_prefix(std::string_view word) {
    return word == "R" || word == "u8R" || word == "uR" || word == "UR" || word == "LR";
}

class Tokenizer {
  public:
    explicit Tokenizer(std::string_view source) : rest_(source) {}

    std::vector<Token> run() {
        while (!rest_.empty())
            step();
        return std::move(tokens_);
    }

  private:
    void step() {
        const char c = rest_.front();
        if (std::isspace(static_cast<unsigned char>(c)) != 0) {
            if (c == '\n') at_line_start_ = true;
            drop(1);
            return;
        }
        if (rest_.starts_with("//")) return drop(std::min(rest_.find('\n'), rest_.size()));
        if (rest_.starts_with("/*")) return drop(end_after("*/", 2));
        if (c == '#' && at_line_start_) return drop_directive();
        at_line_start_ = false;
        if (is_word_char(c)) return word();
        if (c == '"' || c == '\'') return take(quoted_length(c));
        take(rest_.starts_with("::") || rest_.starts_with("->") ? 2 : 1);
    }

    void word() {
        std::size_t length = 0;
        const bool number = std::isdigit(static_cast<unsigned char>(rest_.front())) != 0;
        while (length < rest_.size() &&
               (is_word_char(rest_[length]) || (number && rest_[length] == '\'')))
            ++length;
        if (is_raw_string_prefix(rest_.substr(0, length)) && rest_.substr(length, 1) == "\"") {
            drop(length);
            return take(raw_string_length());
        }
        take(length);
    }

    /// Of `"tag(…)tag"`, quotes included.
    std::size_t raw_string_length() const {
        const auto open = rest_.find('(');
        if (open == std::string_view::npos) return rest_.size();
        const std::string close = ")" + std::string(rest_.substr(1, open - 1)) + "\"";
        return end_after(close, open);
    }

    std::size_t quoted_length(char quote) const {
        std::size_t end = 1;
        while (end < rest_.size() && rest_[end] != quote)
            end += rest_[end] == '\\' ? 2 : 1;
        return std::min(end + 1, rest_.size());
    }

    void drop_directive() {
        std::size_t end = 0;
        while (end < rest_.size() && (rest_[end] != '\n' || rest_[end - 1] == '\\'))
            ++end;
        drop(end);
    }

    std::size_t end_after(std::string_view what, std::size_t from) const {
        const auto found = rest_.find(what, from);
        return found == std::string_view::npos ? rest_.size() : found + what.size();
    }

    void take(std::size_t length) {
        tokens_.push_back({rest_.substr(0, length), line_});
        drop(length);
    }

    void drop(std::size_t length) {
        line_ += static_cast<int>(std::ranges::count(rest_.substr(0, length), '\n'));
        rest_.remove_prefix(length);
    }

    std::string_view rest_;
    std::vector<Token> tokens_;
    int line_ = 1;
    bool at_line_start_ = true;
};

} // namespace

bool Token::is_word() const {
    return is_word_char(text.front());
}

std::vector<Token> tokens(std::string_view source) {
    return Tokenizer(source).run();
}

} // namespace medibridge::house
