# SPDX-License-Identifier: LGPL-3.0-only
"""Every address of the pretend Moe Delo."""

from ..server import compiled
from . import api, control, login, pages

ROUTES = compiled(*api.ROUTES, *login.ROUTES, *pages.ROUTES, *control.ROUTES)
