#include "certificates.hpp"

#include <cstdlib>
#include <fstream>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <vector>

namespace medibridge::http::test {

namespace ssl = boost::asio::ssl;

namespace {

constexpr long day = 24 * 60 * 60;

void require(bool good) {
    if (!good) throw std::runtime_error("OpenSSL refuses to make a certificate");
}

void add_extension(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    require(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

/// Signed by itself if there is no issuer.
Identity make(const std::string& common_name, const std::string& names, int days,
              const Identity* issuer) {
    static long serial = 1;
    Identity made;
    made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    made.certificate.reset(X509_new(), X509_free);
    X509* certificate = made.certificate.get();
    X509* signer = issuer != nullptr ? issuer->certificate.get() : certificate;
    require(made.key && certificate != nullptr && X509_set_version(certificate, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate), days * day);
    require(X509_set_pubkey(certificate, made.key.get()) == 1);
    require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(common_name.c_str()),
                                       -1, -1, 0) == 1);
    require(X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1);
    if (names == "none")
        add_extension(certificate, signer, NID_ext_key_usage, "serverAuth");
    else if (names.empty())
        add_extension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
    else
        add_extension(certificate, signer, NID_subject_alt_name, names);
    EVP_PKEY* key = issuer != nullptr ? issuer->key.get() : made.key.get();
    require(X509_sign(certificate, key, EVP_sha256()) > 0);
    return made;
}

template <class Write>
std::string pem(Write write) {
    const std::shared_ptr<BIO> out(BIO_new(BIO_s_mem()), BIO_free);
    require(write(out.get()) == 1);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return std::string(bytes, static_cast<std::size_t>(size));
}

std::string certificate_pem(const Identity& identity) {
    return pem([&](BIO* out) { return PEM_write_bio_X509(out, identity.certificate.get()); });
}

std::string key_pem(const Identity& identity) {
    return pem([&](BIO* out) {
        return PEM_write_bio_PrivateKey(out, identity.key.get(), nullptr, nullptr, 0, nullptr,
                                        nullptr);
    });
}

} // namespace

Authority::Authority() : Authority(nullptr) {}

Authority::Authority(const Identity* issuer) {
    std::string pattern = (std::filesystem::temp_directory_path() / "http-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    // The folder's name makes each authority another one.
    self_ = make("Authority " + folder_.filename().string(), "", 1, issuer);
    std::ofstream(ca_file()) << certificate_pem(self_);
}

Authority::~Authority() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

std::unique_ptr<Authority> Authority::intermediate() const {
    return std::unique_ptr<Authority>(new Authority(&self_));
}

Identity Authority::issue(const std::string& names, int days) const {
    return make("Test server", names, days, &self_);
}

Identity Authority::issue_by_subject(const std::string& host) const {
    return make(host, "none", 1, &self_);
}

std::string Authority::crl_file(const std::vector<Identity>& revoked, int days) const {
    const std::shared_ptr<X509_CRL> list(X509_CRL_new(), X509_CRL_free);
    const std::shared_ptr<ASN1_TIME> since(X509_gmtime_adj(nullptr, -2 * day), ASN1_TIME_free);
    const std::shared_ptr<ASN1_TIME> until(X509_gmtime_adj(nullptr, days * day), ASN1_TIME_free);
    X509* const own = self_.certificate.get();
    require(list && X509_CRL_set_version(list.get(), 1) == 1 &&
            X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(own)) == 1 &&
            X509_CRL_set1_lastUpdate(list.get(), since.get()) == 1 &&
            X509_CRL_set1_nextUpdate(list.get(), until.get()) == 1);
    for (const Identity& identity : revoked) {
        X509_REVOKED* const entry = X509_REVOKED_new();
        require(X509_REVOKED_set_serialNumber(
                    entry, X509_get_serialNumber(identity.certificate.get())) == 1 &&
                X509_REVOKED_set_revocationDate(entry, since.get()) == 1 &&
                X509_CRL_add0_revoked(list.get(), entry) == 1);
    }
    require(X509_CRL_sign(list.get(), self_.key.get(), EVP_sha256()) > 0);
    const auto file = folder_ / "crl.pem";
    std::ofstream(file) << pem([&](BIO* out) { return PEM_write_bio_X509_CRL(out, list.get()); });
    return file.string();
}

Identity Authority::self_signed(const std::string& names) {
    return make("Test server", names, 1, nullptr);
}

std::string write_certificate(const std::filesystem::path& file, const Identity& identity) {
    std::ofstream(file) << certificate_pem(identity);
    return file.string();
}

std::shared_ptr<ssl::context> server_context(const Identity& identity) {
    auto context = std::make_shared<ssl::context>(ssl::context::tls_server);
    const std::string certificate = certificate_pem(identity);
    const std::string key = key_pem(identity);
    context->use_certificate(boost::asio::buffer(certificate), ssl::context::pem);
    context->use_private_key(boost::asio::buffer(key), ssl::context::pem);
    return context;
}

} // namespace medibridge::http::test
