# SPDX-License-Identifier: LGPL-3.0-only
"""Statements as the pretend banks write them. Each module: an extract in, bytes out."""
