#include "certificate_folder.hpp"

#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace medibridge::connectors::hl7::test {

namespace fs = std::filesystem;

CertificateFolder::CertificateFolder() {
    std::string pattern = (fs::temp_directory_path() / "hl7-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-keyout ca.key -out ca.pem -subj /CN=authority-" +
        folder_.filename().string());
}

CertificateFolder::~CertificateFolder() {
    std::error_code ignored; // what is left in /tmp does no harm
    fs::remove_all(folder_, ignored);
}

void CertificateFolder::issue(const std::string& name) const {
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-CA ca.pem -CAkey ca.key -keyout " +
        name + ".key -out " + name + ".pem -subj /CN=" + name +
        " -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE");
}

std::string CertificateFolder::revoke(const std::vector<std::string>& names) const {
    run("printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\ndefault_md=sha256\\n"
        "default_crl_days=2\\n' >crl.cnf && : >index.txt");
    const std::string authority = "openssl ca -config crl.cnf -keyfile ca.key -cert ca.pem ";
    for (const auto& name : names)
        run(authority + "-revoke " + name + ".pem");
    run(authority + "-gencrl -out revoked.pem");
    return path("revoked.pem");
}

void CertificateFolder::run(const std::string& command) const {
    const auto line = "cd '" + folder_.string() + "' && " + command + " 2>openssl.log";
    if (std::system(line.c_str()) != 0)
        throw std::runtime_error("openssl makes no certificate: " + command);
}

} // namespace medibridge::connectors::hl7::test
