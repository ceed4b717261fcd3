#include "await_rule.hpp"

#include "tokens.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace medibridge::house {
namespace {

template <std::size_t N>
bool any_of(const Token& token, const std::array<std::string_view, N>& words) {
    return std::ranges::find(words, token.text) != words.end();
}

/// What stands between two boundaries: `;` outside brackets, and the braces of blocks.
struct Statement {
    std::optional<int> await_line;
    bool braces = false;
    bool lambda = false;
};

class Reader {
  public:
    explicit Reader(const SourceFile& file) : file_(file), tokens_(tokens(file.text)) {}

    std::vector<Finding> run() {
        for (at_ = 0; at_ < tokens_.size(); ++at_)
            step();
        end_statement();
        return std::move(findings_);
    }

  private:
    enum class Opened { block, lambda_body, braces, bracket };

    void step() {
        const Token& token = tokens_[at_];
        if (token.is("co_await")) {
            if (!statement_.await_line) statement_.await_line = token.line;
        } else if (token.is("(") || token.is("[")) {
            if (begins_lambda()) statement_.lambda = true;
            open_.push_back(Opened::bracket);
        } else if (token.is("{")) {
            open_brace();
        } else if (token.is(")") || token.is("]")) {
            if (!open_.empty()) open_.pop_back();
        } else if (token.is("}")) {
            close_brace();
        } else if (token.is(";") && (open_.empty() || open_.back() != Opened::bracket)) {
            end_statement();
        }
    }

    void open_brace() {
        const Opened kind = kind_of_brace();
        open_.push_back(kind);
        if (kind == Opened::braces) {
            statement_.braces = true;
        } else if (kind == Opened::lambda_body) {
            // The statement around the lambda goes on after its body.
            suspended_.push_back(statement_);
            statement_ = {};
        } else {
            end_statement();
        }
    }

    void close_brace() {
        if (open_.empty()) return;
        const Opened kind = open_.back();
        open_.pop_back();
        if (kind == Opened::braces) return;
        end_statement();
        if (kind == Opened::lambda_body) {
            statement_ = suspended_.back();
            suspended_.pop_back();
        }
    }

    void end_statement() {
        if (statement_.await_line && (statement_.braces || statement_.lambda)) {
            const std::string what = statement_.braces ? "braces" : "a lambda";
            findings_.push_back({file_.path, *statement_.await_line,
                                 what + " beside co_await, which g++ 12 miscompiles: name the "
                                        "value in a statement before, then move it in"});
        }
        statement_ = {};
    }

    const Token& before(std::size_t index) const {
        static const Token none{";", 0};
        return index == 0 ? none : tokens_[index - 1];
    }

    /// Where the bracket that closes at `index` opens.
    std::size_t opening(std::size_t index) const {
        int depth = 0;
        for (std::size_t i = index + 1; i-- > 0;) {
            if (any_of<3>(tokens_[i], {")", "]", "}"})) ++depth;
            if (any_of<3>(tokens_[i], {"(", "[", "{"}) && --depth == 0) return i;
        }
        return 0;
    }

    /// Whether the `[` at `index` introduces a lambda: it is no index, attribute or binding.
    bool introduces_lambda(std::size_t index) const {
        static constexpr std::array<std::string_view, 8> before_expression = {
            "return", "co_return", "co_await", "co_yield", "case", "else", "do", "throw"};
        if (!tokens_[index].is("[")) return false;
        const Token& left = before(index);
        if (left.is("auto") || left.is("[") || left.is(")") || left.is("]")) return false;
        if (left.is("&") && (before(index - 1).is("auto") || before(index - 1).is("&"))) {
            const std::size_t first = before(index - 1).is("&") ? index - 2 : index - 1;
            if (before(first).is("auto")) return false;
        }
        if (left.is_word() && !any_of(left, before_expression)) return false;
        return !(index + 1 < tokens_.size() && tokens_[index + 1].is("["));
    }

    bool begins_lambda() const { return introduces_lambda(at_); }

    /// What the `{` at `at_` opens, told by what stands before it.
    Opened kind_of_brace() const {
        static constexpr std::array<std::string_view, 6> before_block = {";", "{",  "}",
                                                                         ":", "do", "else"};
        static constexpr std::array<std::string_view, 6> specifiers = {
            "const", "noexcept", "override", "final", "mutable", "constexpr"};
        if (at_ == 0 || before(at_).is("try")) return Opened::block;
        if (any_of(before(at_), before_block)) return in_braces() ? Opened::braces : Opened::block;
        std::size_t end = at_; // one past the declarator that a body may follow
        if (const auto arrow = trailing_return(end)) end = *arrow;
        while (end > 0 && any_of(before(end), specifiers))
            --end;
        if (before(end).is(")")) {
            const std::size_t open = opening(end - 1);
            return before(open).is("]") && introduces_lambda(opening(open - 1))
                       ? Opened::lambda_body
                       : Opened::block;
        }
        if (before(end).is("]") && introduces_lambda(opening(end - 1))) return Opened::lambda_body;
        return names_a_scope() ? Opened::block : Opened::braces;
    }

    bool in_braces() const { return !open_.empty() && open_.back() == Opened::braces; }

    /// Where the `->` of a trailing return type that ends before `end` stands.
    std::optional<std::size_t> trailing_return(std::size_t end) const {
        static constexpr std::array<std::string_view, 6> in_types = {"::", "<", ">", ",", "*", "&"};
        for (std::size_t i = end; i-- > 0;) {
            if (tokens_[i].is("->")) return before(i).is_word() ? specifier_only(i) : i;
            if (!tokens_[i].is_word() && !any_of(tokens_[i], in_types)) return {};
        }
        return {};
    }

    /// `) mutable -> T`: an arrow after a word is a return type only after a specifier.
    std::optional<std::size_t> specifier_only(std::size_t arrow) const {
        static constexpr std::array<std::string_view, 4> words = {"const", "noexcept", "mutable",
                                                                  "constexpr"};
        if (any_of(before(arrow), words)) return arrow;
        return {};
    }

    /// Whether the tokens since the last boundary declare a namespace, a type or a linkage.
    bool names_a_scope() const {
        static constexpr std::array<std::string_view, 6> words = {"namespace", "class", "struct",
                                                                  "union",     "enum",  "extern"};
        int depth = 0;
        for (std::size_t i = at_; i-- > 0;) {
            const Token& token = tokens_[i];
            if (any_of<2>(token, {")", "]"})) ++depth;
            if (any_of<2>(token, {"(", "["}) && --depth < 0) return false;
            if (depth > 0) continue;
            if (any_of<4>(token, {";", "{", "}", "="})) return false;
            if (any_of(token, words)) return true;
        }
        return false;
    }

    const SourceFile& file_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::vector<Opened> open_;
    std::vector<Statement> suspended_;
    Statement statement_;
    std::vector<Finding> findings_;
};

} // namespace

std::vector<Finding> braces_beside_await(const SourceFile& file) {
    return Reader(file).run();
}

} // namespace medibridge::house
