"""The door of every method that a service calls with its bearer token (RFC 6750)."""

import functools

from odoo.http import request

from .moedelo_dispatcher import address, environment, machine_route


def resource_route(path, scope, **options):
    """`machine_route` that hands the method an `Access` allowing `scope`; refuses all others."""

    def decorate(method):
        @machine_route(path, **options)
        @functools.wraps(method)
        def call(self, *args, **kwargs):
            access = environment()["moedelo.access"]._check(
                request.httprequest.headers.get("Authorization"), scope, address()
            )
            return method(self, access, *args, **kwargs)

        return call

    return decorate
