# SPDX-License-Identifier: LGPL-3.0-only
"""A bank that speaks 1C DirectBank 2.3.2 (github.com/1C-Company/DirectBank): XML over HTTP(S)."""
