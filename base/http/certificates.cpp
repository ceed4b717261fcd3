#include "base/http/certificates.hpp"

#include "base/files/content.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <stdexcept>

namespace medibridge::http {

namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20;

template <class T, void (*release)(T*)>
struct Releases {
    void operator()(T* object) const { release(object); }
};
void release_bio(BIO* bio) {
    BIO_free(bio);
}
void release_all(STACK_OF(X509_INFO) * found) {
    sk_X509_INFO_pop_free(found, X509_INFO_free);
}
using Bio = std::unique_ptr<BIO, Releases<BIO, release_bio>>;
using Certificate = std::unique_ptr<X509, Releases<X509, X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY, EVP_PKEY_free>>;
using Found = std::unique_ptr<STACK_OF(X509_INFO), Releases<STACK_OF(X509_INFO), release_all>>;

/// Text of a file, wiped when it goes: a key may stand in it.
class PemText {
  public:
    explicit PemText(const std::string& file) {
        auto read = files::read_given(file, most_bytes);
        if (!read) throw std::runtime_error("the file " + file + " " + read.error().text);
        text_ = std::move(*read);
    }
    PemText(const PemText&) = delete;
    PemText& operator=(const PemText&) = delete;
    ~PemText() { OPENSSL_cleanse(text_.data(), text_.size()); }

    Bio bio() const {
        Bio bio(BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size())));
        if (!bio) throw std::bad_alloc();
        return bio;
    }

  private:
    std::string text_;
};

[[noreturn]] void cannot_use(const std::string& file, const std::string& why) {
    const auto code = ERR_peek_last_error();
    const char* const words = code == 0 ? nullptr : ERR_reason_error_string(code);
    ERR_clear_error();
    throw std::runtime_error("the file " + file + " cannot be used: " + why +
                             (words == nullptr ? "" : " (" + std::string(words) + ")"));
}

/// Keys with a passphrase are not asked for one at the terminal.
int without_passphrase(char*, int, int, void*) {
    return 0;
}

Found pieces_of(const std::string& file) {
    const PemText text(file);
    ERR_clear_error();
    Found found(PEM_X509_INFO_read_bio(text.bio().get(), nullptr, without_passphrase, nullptr));
    if (!found) cannot_use(file, "what is in it is no PEM");
    return found;
}

std::optional<std::chrono::sys_seconds> end_of(const X509* certificate) {
    std::tm ends{};
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &ends) != 1) return std::nullopt;
    return std::chrono::sys_seconds(std::chrono::seconds(timegm(&ends)));
}

} // namespace

void trust_certificates(ssl_ctx_st* context, const std::string& file) {
    const auto found = pieces_of(file);
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    int added = 0;
    for (int i = 0; i < sk_X509_INFO_num(found.get()); ++i) {
        X509* const certificate = sk_X509_INFO_value(found.get(), i)->x509;
        if (certificate == nullptr) continue;
        if (X509_STORE_add_cert(store, certificate) != 1)
            cannot_use(file, "a certificate is refused");
        ++added;
    }
    if (added == 0) cannot_use(file, "it holds no certificate in PEM form");
}

void refuse_revoked(ssl_ctx_st* context, const std::string& file) {
    const auto found = pieces_of(file);
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    int added = 0;
    for (int i = 0; i < sk_X509_INFO_num(found.get()); ++i) {
        X509_CRL* const list = sk_X509_INFO_value(found.get(), i)->crl;
        if (list == nullptr) continue;
        if (X509_STORE_add_crl(store, list) != 1) cannot_use(file, "a revocation list is refused");
        ++added;
    }
    if (added == 0) cannot_use(file, "it holds no revocation list in PEM form");
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_CRL_CHECK);
}

void show_certificate(ssl_ctx_st* context, const std::string& file) {
    const PemText text(file);
    ERR_clear_error();
    const auto bio = text.bio();
    const Certificate first(PEM_read_bio_X509_AUX(bio.get(), nullptr, without_passphrase, nullptr));
    if (!first || SSL_CTX_use_certificate(context, first.get()) != 1)
        cannot_use(file, "it holds no certificate that can be shown");
    SSL_CTX_clear_chain_certs(context);
    for (;;) {
        const Certificate next(PEM_read_bio_X509(bio.get(), nullptr, without_passphrase, nullptr));
        if (!next) break;
        if (SSL_CTX_add1_chain_cert(context, next.get()) != 1)
            cannot_use(file, "a certificate of the chain is refused");
    }
    const auto end = ERR_peek_last_error();
    if (ERR_GET_LIB(end) != ERR_LIB_PEM || ERR_GET_REASON(end) != PEM_R_NO_START_LINE)
        cannot_use(file, "a certificate of the chain cannot be read");
    ERR_clear_error();
}

std::optional<std::chrono::sys_seconds> first_end(const stack_st_X509* chain) {
    std::optional<std::chrono::sys_seconds> first;
    for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
        const auto end = end_of(sk_X509_value(chain, i));
        if (end && (!first || *end < *first)) first = end;
    }
    return first;
}

std::optional<std::chrono::sys_seconds> shown_certificate_end(ssl_ctx_st* context) {
    const X509* const own = SSL_CTX_get0_certificate(context);
    if (own == nullptr) return std::nullopt;
    STACK_OF(X509)* chain = nullptr;
    SSL_CTX_get0_chain_certs(context, &chain);
    const auto of_own = end_of(own);
    const auto of_chain = first_end(chain);
    if (!of_own || !of_chain) return of_own ? of_own : of_chain;
    return std::min(*of_own, *of_chain);
}

void use_private_key(ssl_ctx_st* context, const std::string& file) {
    const PemText text(file);
    ERR_clear_error();
    const PrivateKey key(
        PEM_read_bio_PrivateKey(text.bio().get(), nullptr, without_passphrase, nullptr));
    if (!key) cannot_use(file, "it holds no private key without a passphrase");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
        cannot_use(file, "the key does not belong to the certificate");
}

} // namespace medibridge::http
