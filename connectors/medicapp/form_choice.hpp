#pragma once

#include "base/log/event.hpp"
#include "connectors/medicapp/representation.hpp"
#include "connectors/medicapp/shared_read.hpp"

#include <memory>
#include <string>

namespace medibridge::connectors {

class Exchange;

/// The form in which a Medicapp is read, as far as it is known. Clients of one Medicapp share it.
class FormKnown {
  public:
    enum class Form : std::uint8_t { unknown, native, fhir };

    FormKnown() = default;

    Form form = Form::unknown;
    FhirTerms terms;       ///< for `fhir`
    bool for_now = false;  ///< `native`, as there is nobody yet to compare the forms by
    std::string last_said; ///< the reason that was logged last
    std::string told;      ///< what a recent probe says of template=FHIR; empty: there was none
};

/// Finds out in which form to read, once: asks for the first page and for a few patients in both
/// forms, and compares them.
class FormChoice {
  public:
    /// `configured`: the systems that the configuration names. What is given by reference outlives
    /// it.
    FormChoice(Exchange& exchange, log::EventLog& log, config::Representation wanted,
               FhirTerms configured, std::shared_ptr<FormKnown> known);

    /// How FHIR is to be read; null: the native form is. An error if Medicapp cannot be asked, or
    /// if FHIR is asked for and cannot be read. `whole_list`: the call begins to read everybody.
    runtime::Task<Reply<const FhirTerms*>> terms(bool whole_list);
    /// An answer came in another form: what was found counts no longer. Where the configuration
    /// wants the native form, nothing is found out.
    void lost();
    const std::shared_ptr<FormKnown>& known() const { return known_; }

  private:
    runtime::Task<std::optional<ApiError>> ask();
    runtime::Task<std::optional<ApiError>> ask_details(BothForms& forms);
    std::optional<ApiError> choose(FormsFound found);
    void use_native(const std::string& reason, bool for_now);
    void use_fhir(FormsFound found);
    void say(const log::Event& event, const std::string& words);

    Exchange& exchange_;
    log::EventLog& log_;
    config::Representation wanted_;
    FhirTerms configured_;
    std::shared_ptr<FormKnown> known_;
    SharedRead comparison_;
};

} // namespace medibridge::connectors
