#pragma once

#include <filesystem>
#include <string>

namespace medibridge::http::test {

/// A client that says and reads just what a test tells it to, on a Unix socket. Gives up after
/// 20 seconds, with what it has.
class UnixClient {
  public:
    /// Throws std::runtime_error if nobody answers.
    explicit UnixClient(const std::filesystem::path& path);
    ~UnixClient();
    UnixClient(const UnixClient&) = delete;
    UnixClient& operator=(const UnixClient&) = delete;

    /// False if the server has closed its end.
    bool say(const std::string& bytes);
    /// Says nothing more, but goes on listening.
    void end();
    /// Everything until that text, which is part of it; all there is if it does not come.
    std::string read_until(const std::string& text);
    /// One answer with Content-Length, header and all.
    std::string read_answer();
    /// Until the server closes the connection.
    std::string read_all();
    void close();

  private:
    bool read_more();

    int socket_;
    std::string buffer_;
};

/// `GET target` with HTTP/1.1 and a Host.
std::string get_request(const std::string& target, const std::string& more_headers = {});
std::string post_request(const std::string& target, const std::string& body);

} // namespace medibridge::http::test
