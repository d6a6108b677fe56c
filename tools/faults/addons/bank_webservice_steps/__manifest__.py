# SPDX-License-Identifier: LGPL-3.0-only
{
    "name": "Bank Web Services: death at a step",
    "summary": "Loaded server-wide by the fault suite only; never installed",
    "version": "19.0.1.0.0",
    "author": "Bank Web Services contributors",
    "license": "LGPL-3",
    "depends": ["bank_webservice"],
    "installable": False,
}
