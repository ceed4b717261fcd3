#pragma once

#include "connectors/sql/odbc_connection.hpp"

#include <memory>
#include <string>
#include <vector>

namespace medibridge::tests {

/// A real database in a folder of its own, for the tests of this process.
class Database {
  public:
    virtual ~Database() = default;

    /// Without the password; with the driver given by its path.
    virtual std::string connection() const = 0;
    /// The same through a driver, or a setting of it, with narrow texts.
    virtual std::string narrow_connection() const = 0;
    virtual std::string password() const { return {}; }

    /// A server can be stopped and started again, data kept.
    virtual bool is_server() const { return true; }
    virtual void stop() {}
    virtual void start() {}

    /// A column type for times with six digits of a second, on no clock in particular.
    virtual std::string time_type() const = 0;
    /// A column type for texts of any length.
    virtual std::string text_type() const { return "text"; }
    /// The condition that keeps to the rows behind a position, as the index serves it.
    virtual std::string behind() const { return "(maj, ipp) > (:modified_after, :after_id)"; }
    /// A SELECT of the numbers 1 to `count`, as column `n`.
    virtual std::string numbers(int count) const = 0;
    /// An expression that takes so many seconds; empty: there is none.
    virtual std::string sleeping(int seconds) const = 0;
    /// An expression that is a text of so many letters.
    virtual std::string long_text(int letters) const = 0;
};

/// `postgres`, `mariadb` or `sqlite`; nothing if its packages are not installed. Starts it.
std::unique_ptr<Database> start_database(const std::string& kind);

/// A connection to do things by hand. Fails the test for what the database refuses.
class Client {
  public:
    explicit Client(const Database& database);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void run(const std::string& sql);
    /// What is run from now on is one transaction.
    void begin();
    void commit();

  private:
    void check(int got, const std::string& what) const;

    void* environment_ = nullptr;
    void* connection_ = nullptr;
    bool wide_;
};

} // namespace medibridge::tests
