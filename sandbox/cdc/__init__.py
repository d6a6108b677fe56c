"""Banks that speak Comarch Data Connect (cdc.001.01): mutual TLS, SOAP 1.1, ISO 20022."""
