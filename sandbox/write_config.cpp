#include "sandbox/write_config.hpp"

#include "sandbox/fhir_json.hpp"
#include "sandbox/hl7_text.hpp"
#include "sandbox/json_text.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/token_server.hpp"

#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>

namespace medibridge::sandbox {

namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& file, std::string_view text, mode_t mode) {
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    bool written = descriptor >= 0 && ::fchmod(descriptor, mode) == 0;
    while (written && !text.empty()) {
        const ssize_t size = ::write(descriptor, text.data(), text.size());
        written = size > 0;
        if (written) text.remove_prefix(static_cast<std::size_t>(size));
    }
    if (descriptor >= 0) written = ::close(descriptor) == 0 && written;
    if (!written) throw std::runtime_error(file.string() + ": cannot be written");
}

/// A YAML double-quoted scalar is JSON's string.
std::string yaml_text(std::string_view text) {
    std::string out;
    append_json(out, text);
    return out;
}

std::string secret_beside(const fs::path& file, const std::string& secret) {
    write_file(file, secret + '\n', 0600);
    return "{file: " + yaml_text(file.string()) + "}";
}

std::string his_auth(const HisAuth& auth, const fs::path& token_file) {
    static constexpr std::string_view bearer = "Bearer ";
    if (auth.header.empty()) return "";
    if (auth.header == "Authorization" && auth.value.starts_with(bearer))
        return "    auth: {bearer: " + secret_beside(token_file, auth.value.substr(bearer.size())) +
               "}\n";
    return "    auth: {header: {name: " + yaml_text(auth.header) +
           ", value: " + secret_beside(token_file, auth.value) + "}}\n";
}

std::string rest_source(const Sandbox& sandbox, const fs::path& folder) {
    return "    type: rest\n    url: " + sandbox.his_url() + '\n' +
           his_auth(sandbox.settings().his.auth, folder / "his-token") +
           R"(    page_size: 500
    query: {modified_after: modifie_apres, page: page, per_page: taille, external_id: ipp}
    records: /patients
    total_pages: /pagination/pages
    fields:
      externalId: /ipp
      lastName: /etatCivil/nomNaissance
      usualLastName: /etatCivil/nomUsage
      firstName: /etatCivil/prenoms/0
      birthDate: {at: /etatCivil/dateNaissance, format: "%d/%m/%Y"}
      gender: {at: /etatCivil/sexe, map: {"1": M, "2": F, "9": O}}
      email: /contact/mail
      phone: /contact/mobile
      address.street: /adresse/voie
      address.city: /adresse/commune
      address.postalCode: /adresse/cp
      address.country: /adresse/pays
      modifiedAt: /majLe
      active: /actif
      deceased: /decede
      identityStatus: /statutIdentite
      mergedInto: /remplacePar
)";
}

std::string fhir_auth(const HisAuth& auth, const std::string& token_url, const fs::path& folder) {
    const auto client = "client_id: " + yaml_text(auth.client);
    if (auth.kind == HisAuth::Kind::client_credentials)
        return "    auth: {client_credentials: {token_url: " + yaml_text(token_url) + ", " +
               client + ", client_secret: " + secret_beside(folder / "his-secret", auth.value) +
               "}}\n";
    if (auth.kind == HisAuth::Kind::private_key_jwt)
        return "    auth: {private_key_jwt: {" + client +
               ", key: {file: " + yaml_text(fs::absolute(auth.value).string()) +
               "}, algorithm: " + std::string(key_algorithm(auth.value)) + "}}\n";
    return his_auth(auth, folder / "his-token");
}

std::string fhir_source(const Sandbox& sandbox, const fs::path& folder) {
    return "    type: fhir\n    base_url: " + sandbox.his_url() +
           "\n    identifier_system: " + std::string(fhir_identifier_system) + '\n' +
           fhir_auth(sandbox.settings().his.auth, sandbox.his_url() + "/token", folder);
}

std::string csv_source(const Sandbox& sandbox) {
    const auto directory = fs::absolute(sandbox.settings().drop_directory);
    return "    type: csv\n    directory: " + yaml_text(directory.string()) + '\n' +
           R"(    settle: 0s
    fields:
      externalId: IPP
      lastName: NOM_NAISSANCE
      usualLastName: NOM_USAGE
      firstName: PRENOM
      birthDate: {at: DATE_NAISSANCE, format: "%d/%m/%Y"}
      gender: {at: SEXE, map: {"1": M, "2": F, "9": O}}
      email: MAIL
      phone: MOBILE
      address.street: VOIE
      address.city: COMMUNE
      address.postalCode: CP
      address.country: PAYS
      modifiedAt: MAJ_LE
      active: ACTIF
      deceased: DECEDE
      identityStatus: STATUT_IDENTITE
      mergedInto: REMPLACE_PAR
)";
}

std::string hl7_source(const Hl7Sending& sending) {
    const bool v6 = sending.host.find(':') != std::string::npos;
    const auto host = v6 ? "[" + sending.host + "]" : sending.host;
    return "    type: hl7v2\n    listen: " + yaml_text(host + ":" + std::to_string(sending.port)) +
           "\n    assigning_authority: " + yaml_text(hl7_authority) +
           "\n    default_charset: UTF-8\n";
}

std::string his_source(const Sandbox& sandbox, const fs::path& folder) {
    switch (sandbox.settings().his_type) {
    case HisType::rest:
        return rest_source(sandbox, folder);
    case HisType::fhir:
        return fhir_source(sandbox, folder);
    case HisType::csv:
        return csv_source(sandbox);
    case HisType::hl7v2:
        return hl7_source(sandbox.settings().hl7);
    }
    return {};
}

} // namespace

void write_config(const fs::path& file, const Sandbox& sandbox) {
    const fs::path folder = fs::absolute(file).parent_path();
    fs::create_directories(folder);
    std::string text = "# Written by medibridge-sandbox, for trying out.\nmedicapp:\n  base_url: ";
    text += sandbox.medicapp_url();
    text += "\n  api_key: " + secret_beside(folder / "medicapp-api-key", sandbox.api_key());
    if (sandbox.settings().medicapp.fhir_template != Template::ignored)
        text += "\n  representation: auto";
    text += "\nhis:\n  - name: his\n";
    text += his_source(sandbox, folder);
    text += "state:\n  path: ";
    text += yaml_text((folder / "state.db").string()) + '\n';
    write_file(file, text, 0644);
}

} // namespace medibridge::sandbox
