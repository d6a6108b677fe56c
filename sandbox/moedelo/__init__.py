# SPDX-License-Identifier: LGPL-3.0-only
"""A pretend Moe Delo: `python -m sandbox.moedelo`. A process of its own; see ../README.md."""
