#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace medibridge::config {

/// One mistake in the file: where it is, what it is and how to fix it. Never quotes a secret.
struct Mistake {
    std::string file;
    int line = 0;   ///< from 1; 0: the file as a whole
    int column = 0; ///< from 1
    std::string text;

    /// `FILE:LINE:COLUMN: text`.
    std::string to_string() const;
};

/// The value of an environment variable, or nothing.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// A place in the file, counted from 1 in lines and characters.
struct Place {
    int line = 1;
    int column = 1;
    auto operator<=>(const Place&) const = default;
};

/// Gathers what one reading of a file finds.
class Report {
  public:
    Report(std::string file, const Environment& environment)
        : file_(std::move(file)),
          environment_(&environment) {}

    void mistake(Place place, std::string text);
    void advise(Place place, std::string text);
    /// Advice that whoever starts the program must hear, too: others are let in somewhere.
    void expose(Place place, std::string text);
    /// From now on, what cannot be looked into from here is noted and no mistake: for a check
    /// alone.
    void excuse_unseen() { excuses_unseen_ = true; }
    bool excuses_unseen() const { return excuses_unseen_; }
    void leave_unseen(Place place, std::string text);
    /// A key that the reader knows, as a dotted path.
    void know(std::string path) { known_.insert(std::move(path)); }

    bool clean() const { return mistakes_.empty(); }
    std::size_t mistakes() const { return mistakes_.size(); }
    /// In the order of the file; the report is empty afterwards.
    std::vector<Mistake> take_mistakes();
    std::vector<Mistake> take_advice();
    std::vector<Mistake> take_exposures();
    std::vector<Mistake> take_unseen();
    const std::set<std::string>& known() const { return known_; }
    const Environment& environment() const { return *environment_; }

  private:
    std::string file_;
    const Environment* environment_;
    std::vector<Mistake> mistakes_;
    std::vector<Mistake> advice_;
    std::vector<Mistake> exposures_;
    std::vector<Mistake> unseen_;
    bool excuses_unseen_ = false;
    std::set<std::string> known_;
};

/// The text between backticks, fit for one line of a terminal: control characters and broken UTF-8
/// are shown as `\xNN`, long texts are cut.
std::string quote(std::string_view text);

/// The candidate that was probably meant; empty if none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// `; did you mean …?` or, if nothing is near, `; known are a, b, c`.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& candidates);

} // namespace medibridge::config
