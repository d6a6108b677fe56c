// SPDX-License-Identifier: LGPL-3.0-only
/** What each failure of the signer means for the person, and what to do. */
import { _t } from "@web/core/l10n/translation";

/** {title, text, help: "get" | "again" | "pair" | ""} of a SignerError. */
export function wordsOf(error) {
    const known = WORDS[error.code];
    if (known) {
        const { title, text, help } = known();
        return { title, text: text || error.message, help: help ?? "again" };
    }
    return { title: _t("The signer refused"), text: error.message, help: "again" };
}

const WORDS = {
    not_running: () => ({
        title: _t("The card signer does not answer"),
        text: _t(
            "It is a small program that must run on this computer. Start it, or install it first. Some browsers (Safari) do not let pages reach local programs: use Firefox, Chrome or Edge."
        ),
        help: "get",
    }),
    insecure_page: () => ({
        title: _t("This page is not secure"),
        text: _t(
            "Odoo is open over plain http. Browsers then forbid pages to reach the card signer: open Odoo by its https address."
        ),
        help: "",
    }),
    permission_denied: () => ({
        title: _t("The browser does not allow it"),
        text: _t(
            "The browser forbids this site to reach programs on this computer. Open the site's settings left of the address, allow access to local programs (local network), and try again."
        ),
    }),
    permission_dismissed: () => ({
        title: _t("The browser's question was closed"),
        text: _t(
            "The browser asked whether this site may reach programs on this computer, and got no answer. Try again and choose Allow; some browsers ask only a few times, then allow it in the site's settings left of the address."
        ),
    }),
    too_old: () => ({
        title: _t("The signer is too old"),
        text: _t("This Odoo works with a newer card signer. Install it in place of the old one and start it."),
        help: "get",
    }),
    pairing_closed: () => ({
        title: _t("The signer is not open for pairing"),
        text: _t("Choose \"Pair now\" in the signer's window, then pair here within two minutes."),
        help: "pair",
    }),
    pairing_taken: () => ({
        title: _t("Another site is being paired"),
        text: _t("Answer the signer's window first. Then choose \"Pair now\" there, and pair here."),
        help: "pair",
    }),
    proof_used: () => ({
        title: _t("The clock was changed"),
        text: _t("The signer takes each request once, and only fresh ones. Try again."),
    }),
    no_window: () => ({
        title: _t("The signer cannot ask you"),
        text: _t(
            "It has neither a window nor a terminal. Nothing was signed and you did not refuse: end it and start it yourself."
        ),
    }),
    driver_slow: () => ({
        title: _t("The card's driver does not answer"),
        text: _t("Take the card out of the reader, put it in again, and try once more."),
    }),
    driver_stopped: () => ({
        title: _t("The card's driver broke down"),
        text: _t("The signer starts it anew. Try again."),
    }),
    driver_bits: () => ({ title: _t("The card's driver is for other programs") }),
    not_paired: () => ({
        title: _t("Not paired"),
        text: _t("The signer does not know this Odoo, or the pairing was revoked. Pair them again."),
        help: "pair",
    }),
    other_user: () => ({
        title: _t("Paired with somebody else"),
        text: _t("The signer was paired with another user or database. Pair them again."),
        help: "pair",
    }),
    pairing_refused: () => ({
        title: _t("Not paired"),
        text: _t("The pairing was refused at the signer."),
        help: "pair",
    }),
    refused_by_user: () => ({
        title: _t("Refused"),
        text: _t("You refused at the signer. Nothing was signed."),
    }),
    no_answer: () => ({
        title: _t("Nobody answered"),
        text: _t("The signer's window was not answered in time. Nothing was signed."),
    }),
    busy: () => ({
        title: _t("The signer is asking something else"),
        text: _t("Answer the open window of the signer first."),
    }),
    too_many_requests: () => ({
        title: _t("Too many attempts"),
        text: _t("Wait a minute, then try again."),
    }),
    no_library: () => ({
        title: _t("The signer is not complete"),
        text: _t("The Python package python-pkcs11 is missing on this computer."),
        help: "get",
    }),
    no_driver: () => ({
        title: _t("No driver of the card"),
        text: _t("Install the program that came with your card, then start the signer again."),
    }),
    no_card: () => ({
        title: _t("No card"),
        text: _t("There is no card in the reader. Put it in and try again."),
    }),
    no_certificate: () => ({
        title: _t("No certificate on the card"),
        text: _t("The card in the reader holds no certificate that can sign."),
    }),
    wrong_card: () => ({
        title: _t("Another card"),
        text: _t("The card in the reader does not hold the certificate that is registered for you."),
    }),
    card_removed: () => ({
        title: _t("The card was pulled out"),
        text: _t("Nothing was signed. Put the card in and try again."),
    }),
    certificate_expired: () => ({ title: _t("The certificate has ended"), help: "" }),
    certificate_not_yet_valid: () => ({ title: _t("The certificate is not valid yet"), help: "" }),
    wrong_pin: () => ({ title: _t("Wrong PIN") }),
    card_locked: () => ({
        title: _t("The card is locked"),
        text: _t("Too many wrong PINs. Unlock the card with its PUK, in the card's own program."),
        help: "",
    }),
    pin_not_set: () => ({
        title: _t("The card's PIN is not set"),
        text: _t("Set or change the PIN in the card's own program first."),
        help: "",
    }),
    document_refused: () => ({ title: _t("The signer does not sign this"), help: "" }),
    challenge_refused: () => ({ title: _t("The signer does not sign this log-in") }),
    challenge_replayed: () => ({
        title: _t("This log-in was used already"),
        text: _t("Close this dialog and start again: a log-in is for one try."),
        help: "",
    }),
    not_opened: () => ({
        title: _t("The log-in could not be opened"),
        text: _t(
            "What the bank sent holds no session for this card. Close this dialog and start again; if it stays so, ask the bank which certificate it knows."
        ),
        help: "",
    }),
    envelope_refused: () => ({ title: _t("The card does not open this log-in"), help: "" }),
    key_not_rsa: () => ({
        title: _t("This log-in needs an RSA key"),
        text: _t(
            "The bank encrypts the session for your certificate, and only RSA keys can open that. Log in by password and code, or use a certificate with an RSA key."
        ),
        help: "",
    }),
    key_only_signs: () => ({
        title: _t("The key of this certificate only signs"),
        text: _t(
            "The card's key may not open what the bank encrypts. Log in by password and code, or use another certificate."
        ),
        help: "",
    }),
    no_cryptography: () => ({
        title: _t("The signer is not complete"),
        text: _t(
            "This log-in needs one more Python package on this computer: python -m pip install cryptography. Then start the signer again."
        ),
    }),
    cancelled: () => ({ title: _t("Cancelled"), text: _t("Nothing was signed.") }),
};
