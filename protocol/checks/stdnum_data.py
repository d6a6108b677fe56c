"""python-stdnum's `iban`, so imported that it finds its tables inside Odoo too.

Odoo replaces the loader of the package `stdnum` while patching it, by one that cannot read package
data; from version 2 on, python-stdnum reads its tables that way.
"""

from importlib.machinery import SourceFileLoader

import stdnum

if not hasattr(stdnum.__spec__.loader, "get_resource_reader"):
    stdnum.__spec__.loader = SourceFileLoader(stdnum.__spec__.name, stdnum.__spec__.origin)

from stdnum import iban

__all__ = ["iban"]
