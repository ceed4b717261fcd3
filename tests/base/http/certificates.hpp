#pragma once

#include <boost/asio/ssl/context.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

typedef struct x509_st X509;
typedef struct evp_pkey_st EVP_PKEY;

namespace medibridge::http::test {

/// A certificate with its key.
struct Identity {
    std::shared_ptr<X509> certificate;
    std::shared_ptr<EVP_PKEY> key;
};

/// A private certificate authority, made anew for each test.
class Authority {
  public:
    Authority();
    ~Authority();
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    /// A PEM file with its certificate.
    std::string ca_file() const { return (folder_ / "ca.pem").string(); }
    const std::filesystem::path& folder() const { return folder_; }

    /// `names` as OpenSSL writes alternative names, such as `DNS:host,IP:127.0.0.1`; valid from a
    /// day ago for that many days from now.
    Identity issue(const std::string& names, int days = 1) const;
    /// A certificate that names `host` as its subject, and nothing as an alternative name.
    Identity issue_by_subject(const std::string& host) const;
    /// An authority that this one vouches for: its file holds its own certificate only.
    std::unique_ptr<Authority> intermediate() const;
    /// A PEM file with this authority's list of what it revoked, valid for that many days from now.
    std::string crl_file(const std::vector<Identity>& revoked, int days = 1) const;
    /// As issue(), signed by itself.
    static Identity self_signed(const std::string& names);

  private:
    explicit Authority(const Identity* issuer);

    std::filesystem::path folder_;
    Identity self_;
};

/// Writes the certificate in PEM form; the file's path.
std::string write_certificate(const std::filesystem::path& file, const Identity& identity);

/// What a TLS server needs to show `identity`.
std::shared_ptr<boost::asio::ssl::context> server_context(const Identity& identity);

} // namespace medibridge::http::test
