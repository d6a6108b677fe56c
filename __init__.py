# SPDX-License-Identifier: LGPL-3.0-only
from . import controllers
from . import models
from . import wizards
from .hooks import uninstall_hook
