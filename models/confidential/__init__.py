# SPDX-License-Identifier: LGPL-3.0-only
from . import confidential
from . import readers
