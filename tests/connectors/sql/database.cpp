#include "database.hpp"

#include "../../daemon/child.hpp"
#include "connectors/sql/odbc_text.hpp"

#include <csignal>
#include <filesystem>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sql.h>
#include <sqlext.h>
#include <sqlucode.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#ifdef MEDIBRIDGE_SANITIZED
/// psqlODBC keeps a few hundred bytes of a statement that failed.
extern "C" const char* __lsan_default_suppressions() { // NOLINT: the name is the sanitizer's
    return "leak:psqlodbc\n";
}
#endif

namespace medibridge::tests {

namespace fs = std::filesystem;
using connectors::odbc_attribute;
using connectors::OdbcConnection;
using namespace std::chrono_literals;

namespace {

// What a connection string must quote.
constexpr const char* hard_password = "mot;de{passe}= 1";

const fs::path drivers = fs::path("/usr/lib") / MEDIBRIDGE_MULTIARCH / "odbc";

bool is_root() {
    return geteuid() == 0;
}

/// The command under an account that a server accepts, ended with this process.
std::vector<std::string> as_user(const std::string& user, std::vector<std::string> command) {
    std::vector<std::string> all{"/usr/bin/setpriv", "--pdeathsig", "TERM"};
    if (is_root() && !user.empty())
        all.insert(all.end(), {"--reuid", user, "--regid", user, "--clear-groups"});
    all.insert(all.end(), command.begin(), command.end());
    return all;
}

void run_to_end(const std::vector<std::string>& command, const fs::path& folder) {
    Child child(command, folder);
    if (child.wait() != 0) throw std::runtime_error(command.back() + ": " + child.err());
}

/// A server process in a folder of its own.
class Server : public Database {
  public:
    void stop() override {
        if (!process_) return;
        process_->signal(stop_signal());
        process_->wait();
        process_.reset();
    }

    void start() override {
        process_ = std::make_unique<Child>(command(), directory_.path());
        OdbcConnection connection;
        const auto attributes = connection_string();
        while (!connection.open(attributes, 5s)) {
            if (process_->ended()) throw std::runtime_error("the server ended: " + process_->err());
            std::this_thread::sleep_for(10ms);
        }
    }

    std::string password() const override { return hard_password; }

  protected:
    ~Server() override = default;
    virtual std::vector<std::string> command() const = 0;
    virtual int stop_signal() const = 0;
    std::string connection_string() const {
        return connection() + odbc_attribute("Pwd", password());
    }
    const fs::path& folder() const { return directory_.path(); }
    std::string file(const std::string& name) const { return folder() / name; }

  private:
    TemporaryDirectory directory_;
    std::unique_ptr<Child> process_;
};

class Postgres final : public Server {
  public:
    explicit Postgres(fs::path programs) : programs_(std::move(programs)) {
        write_file(folder() / "password", std::string(hard_password) + "\n");
        if (const auto* account = getpwnam("postgres"); account && is_root()) {
            for (const auto& path : {folder(), folder() / "password"})
                if (chown(path.c_str(), account->pw_uid, account->pw_gid) != 0)
                    throw std::runtime_error("chown");
        }
        run_to_end(as_user("postgres",
                           {programs_ / "initdb", "--no-sync", "--encoding=UTF8",
                            "--locale=C.UTF-8", "--username=medibridge", "--auth=scram-sha-256",
                            "--pwfile=" + file("password"), "--pgdata=" + file("data")}),
                   folder());
        start();
    }
    ~Postgres() override { stop(); }

    std::string connection() const override { return attributes("psqlodbcw.so"); }
    std::string narrow_connection() const override { return attributes("psqlodbca.so"); }
    std::string time_type() const override { return "timestamp(6)"; }
    std::string numbers(int count) const override {
        return "SELECT n FROM generate_series(1, " + std::to_string(count) + ") AS n";
    }
    std::string sleeping(int seconds) const override {
        return "CAST(pg_sleep(" + std::to_string(seconds) + ") AS text)";
    }
    std::string long_text(int letters) const override {
        return "repeat('x', " + std::to_string(letters) + ")";
    }

  private:
    std::string attributes(const std::string& driver) const {
        return "Driver=" + (drivers / driver).string() + ";Server=" + folder().string() +
               ";Database=postgres;Uid=medibridge;";
    }
    std::vector<std::string> command() const override {
        return as_user("postgres",
                       {programs_ / "postgres", "-D", file("data"), "-c", "listen_addresses=", "-c",
                        "unix_socket_directories=" + folder().string(), "-c", "fsync=off", "-c",
                        "timezone=Europe/Paris", "-c", "max_connections=20"});
    }
    int stop_signal() const override { return SIGINT; } // at once, telling the clients

    fs::path programs_;
};

class MariaDb final : public Server {
  public:
    MariaDb() {
        run_to_end(as_user("", {"/usr/bin/mariadb-install-db", "--no-defaults", "--user=" + user(),
                                "--auth-root-authentication-method=normal", "--skip-test-db",
                                "--skip-name-resolve", "--datadir=" + file("data")}),
                   folder());
        write_file(folder() / "init.sql",
                   "CREATE DATABASE IF NOT EXISTS his CHARACTER SET utf8mb4;\n"
                   "CREATE USER IF NOT EXISTS medibridge@localhost IDENTIFIED BY '" +
                       std::string(hard_password) +
                       "';\n"
                       "GRANT ALL ON his.* TO medibridge@localhost;\n");
        start();
    }
    ~MariaDb() override { stop(); }

    std::string connection() const override {
        return "Driver=" + (drivers / "libmaodbc.so").string() + ";Socket=" + file("socket") +
               ";Server=localhost;Database=his;Uid=medibridge;Charset=utf8mb4;";
    }
    std::string narrow_connection() const override { return {}; } // it has wide texts always
    std::string time_type() const override { return "datetime(6)"; }
    std::string text_type() const override { return "longtext"; }
    std::string behind() const override {
        return "(maj > :modified_after OR (maj = :modified_after AND ipp > :after_id))";
    }
    std::string numbers(int count) const override {
        return "SELECT seq AS n FROM seq_1_to_" + std::to_string(count);
    }
    std::string sleeping(int seconds) const override {
        return "CAST(SLEEP(" + std::to_string(seconds) + ") AS CHAR)";
    }
    std::string long_text(int letters) const override {
        return "repeat('x', " + std::to_string(letters) + ")";
    }

  private:
    static std::string user() { return is_root() ? "root" : getpwuid(geteuid())->pw_name; }
    std::vector<std::string> command() const override {
        return as_user("", {"/usr/sbin/mariadbd", "--no-defaults", "--user=" + user(),
                            "--datadir=" + file("data"), "--socket=" + file("socket"),
                            "--pid-file=" + file("pid"), "--skip-networking",
                            "--init-file=" + file("init.sql"), "--character-set-server=utf8mb4",
                            "--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=2",
                            "--innodb-buffer-pool-size=32M", "--performance-schema=OFF"});
    }
    int stop_signal() const override { return SIGTERM; }
};

class Sqlite final : public Database {
  public:
    Sqlite() { Client(*this).run("PRAGMA journal_mode = WAL"); }

    std::string connection() const override {
        return "Driver=" + (drivers / "libsqlite3odbc.so").string() +
               ";Database=" + (directory_.path() / "his.db").string() + ";SyncPragma=OFF;";
    }
    std::string narrow_connection() const override { return connection() + "NoWCHAR=1;"; }
    bool is_server() const override { return false; }
    std::string time_type() const override { return "text"; }
    std::string numbers(int count) const override {
        return "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < " +
               std::to_string(count) + ") SELECT n FROM c";
    }
    std::string sleeping(int) const override { return {}; }
    std::string long_text(int letters) const override {
        return "replace(hex(zeroblob(" + std::to_string(letters / 2) + ")), '0', 'x')";
    }

  private:
    TemporaryDirectory directory_;
};

/// The newest server that is installed.
fs::path postgres_programs() {
    fs::path newest;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", none))
        if (fs::exists(entry.path() / "bin/postgres")) newest = entry.path() / "bin";
    return newest;
}

} // namespace

std::unique_ptr<Database> start_database(const std::string& kind) {
    if (kind == "postgres") {
        const auto programs = postgres_programs();
        if (programs.empty() || !fs::exists(drivers / "psqlodbcw.so")) return nullptr;
        return std::make_unique<Postgres>(programs);
    }
    if (kind == "mariadb") {
        if (!fs::exists("/usr/sbin/mariadbd") || !fs::exists(drivers / "libmaodbc.so"))
            return nullptr;
        return std::make_unique<MariaDb>();
    }
    if (!fs::exists(drivers / "libsqlite3odbc.so")) return nullptr;
    return std::make_unique<Sqlite>();
}

Client::Client(const Database& database) : wide_(database.is_server()) {
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment_);
    SQLSetEnvAttr(environment_, SQL_ATTR_ODBC_VERSION, reinterpret_cast<SQLPOINTER>(SQL_OV_ODBC3),
                  0);
    SQLAllocHandle(SQL_HANDLE_DBC, environment_, &connection_);
    auto text =
        connectors::to_utf16(database.connection() + odbc_attribute("Pwd", database.password()));
    check(SQLDriverConnectW(connection_, nullptr, text.data(), SQL_NTS, nullptr, 0, nullptr,
                            SQL_DRIVER_NOPROMPT),
          "connect");
}

Client::~Client() {
    SQLDisconnect(connection_);
    SQLFreeHandle(SQL_HANDLE_DBC, connection_);
    SQLFreeHandle(SQL_HANDLE_ENV, environment_);
}

void Client::check(int got, const std::string& what) const {
    EXPECT_TRUE(SQL_SUCCEEDED(got) || got == SQL_NO_DATA) << what;
}

void Client::run(const std::string& sql) {
    SQLHSTMT statement = nullptr;
    SQLAllocHandle(SQL_HANDLE_STMT, connection_, &statement);
    auto wide = connectors::to_utf16(sql);
    auto narrow = sql;
    check(wide_ ? SQLExecDirectW(statement, wide.data(), SQL_NTS)
                : SQLExecDirect(statement, reinterpret_cast<SQLCHAR*>(narrow.data()), SQL_NTS),
          sql);
    SQLFreeHandle(SQL_HANDLE_STMT, statement);
}

void Client::begin() {
    check(SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT,
                            reinterpret_cast<SQLPOINTER>(SQL_AUTOCOMMIT_OFF), 0),
          "begin");
}

void Client::commit() {
    check(SQLEndTran(SQL_HANDLE_DBC, connection_, SQL_COMMIT), "commit");
    check(SQLSetConnectAttr(connection_, SQL_ATTR_AUTOCOMMIT,
                            reinterpret_cast<SQLPOINTER>(SQL_AUTOCOMMIT_ON), 0),
          "autocommit");
}

} // namespace medibridge::tests
