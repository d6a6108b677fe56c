# SPDX-License-Identifier: LGPL-3.0-only
"""Banks that speak Comarch Data Connect (cdc.001.01): mutual TLS, SOAP 1.1, ISO 20022."""
