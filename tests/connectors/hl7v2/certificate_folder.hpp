#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace medibridge::connectors::hl7::test {

/// A certificate authority of its own in a temporary folder, made with the openssl command.
class CertificateFolder {
  public:
    CertificateFolder();
    ~CertificateFolder();
    CertificateFolder(const CertificateFolder&) = delete;
    CertificateFolder& operator=(const CertificateFolder&) = delete;

    std::string ca() const { return path("ca.pem"); }
    /// Makes NAME.pem and NAME.key, signed by the authority, for 127.0.0.1.
    void issue(const std::string& name) const;
    /// The authority's revocation list, with these certificates on it: the path of a PEM file.
    std::string revoke(const std::vector<std::string>& names) const;
    std::string path(const std::string& file) const { return (folder_ / file).string(); }

  private:
    void run(const std::string& command) const;

    std::filesystem::path folder_;
};

} // namespace medibridge::connectors::hl7::test
