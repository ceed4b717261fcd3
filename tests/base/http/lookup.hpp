#pragma once

#include <string>
#include <vector>

namespace medibridge::http::test {

/// Stands in for the system's name service in this binary, for names below `.test`; others are
/// looked up as usual.
class Lookup {
  public:
    Lookup();
    /// Lets blocked look-ups go and waits until they are done with this object.
    ~Lookup();
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;

    /// Addresses of every name below `.test`; none: there is no such name.
    void answer(std::vector<std::string> addresses);
    /// From now on look-ups do not return.
    void block();
    void unblock();
    /// The number-th look-up, counted as asked() does, fails as if the name service were down; 0:
    /// none does.
    void fail(int number);
    /// Look-ups of names below `.test` so far.
    int asked() const;
};

} // namespace medibridge::http::test
