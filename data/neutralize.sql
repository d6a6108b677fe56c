-- SPDX-License-Identifier: LGPL-3.0-only
-- A copy of a database must not be able to reach a bank or to use anybody's login.
UPDATE res_bank SET webservice_address = NULL, bank_channel = NULL, webservice_ca = NULL, webservice_tested_at = NULL;
UPDATE res_partner_bank SET client_identifier = NULL, webservice_tested_at = NULL;
UPDATE bank_operator SET login = 'neutralized', password_sealed = NULL,
    statement_password_sealed = NULL;
DELETE FROM bank_letter;
-- The company itself, at banks that know it by a certificate.
UPDATE bank_identity SET pkcs12_sealed = NULL, password_sealed = NULL, request_key_sealed = NULL, request_pem = NULL;
UPDATE bank_identity_value SET value = NULL;
UPDATE res_company SET ksef_token_sealed = NULL;
-- What was typed into a dialog and not used yet.
UPDATE bank_setup SET password_sealed = NULL;
DELETE FROM bank_certificate_upload;
DELETE FROM bank_identity_certificate;
UPDATE bank_certificate SET pkcs12_sealed = NULL, password_sealed = NULL, active = FALSE;
UPDATE bank_session SET state = 'ended', token_sealed = NULL, challenge_sealed = NULL, must_log_out = FALSE;
-- Nobody outside may go on with what the original database gave him.
UPDATE moedelo_grant SET state = 'ended', reason = 'administrator';
DELETE FROM moedelo_token;
DELETE FROM moedelo_pushed;
DELETE FROM moedelo_key;
UPDATE moedelo_client SET secret_hash = NULL, previous_hash = NULL, jwks = NULL, active = FALSE, api_address = NULL, initiate_login_uri = NULL, cabinet_address = NULL;
