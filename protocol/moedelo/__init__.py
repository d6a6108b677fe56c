# SPDX-License-Identifier: LGPL-3.0-only
"""The exchange with Moe Delo: who may in (OAuth 2), and what is said. Pure Python."""
