# SPDX-License-Identifier: LGPL-3.0-only
"""How a service proves who it is."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.tools import ormcache

from ...protocol.access import grants, metadata, signing_keys, tokens
from ...protocol.access.oauth_errors import InvalidClient
from ..connection.operation import RELOAD, notify


@dataclass(frozen=True)
class Registered:
    """A client as the endpoints need it: read once, kept until somebody changes it."""

    id: int
    identifier: str
    kind: str
    auth_method: str
    secret_hash: str = field(repr=False)
    previous_hash: str = field(repr=False)
    previous_until: datetime | None
    jwks: dict
    redirect_uris: tuple[str, ...]
    company_id: int | None
    only_bound: bool
    only_pushed: bool


class MoedeloClient(models.Model):
    _inherit = "moedelo.client"

    # -------------------------------------------------------------------------
    # THE SECRET
    # -------------------------------------------------------------------------

    def action_new_secret(self):
        """A new secret, shown once and stored only as a hash; the old one stays good for a while,
        so that the service can change over without a gap."""
        self.ensure_one()
        self.check_access("write")
        secret = grants.new_secret()
        now = fields.Datetime.now()
        client = self.sudo()
        overlaps = client.secret_hash and client.overlap_hours
        client.write(
            {
                "secret_hash": grants.hashed(secret),
                "secret_made_at": now,
                "previous_hash": client.secret_hash if overlaps else False,
                "previous_until": overlaps and now + timedelta(hours=client.overlap_hours),
            }
        )
        client.message_post(
            body=self.env._("A new secret was made."), author_id=self.env.user.partner_id.id
        )
        return notify(
            self.env._("Copy it now, it is not shown again: %(secret)s", secret=secret),
            "warning",
            title=self.env._("Secret of %(service)s", service=self.name),
            sticky=True,
            next=RELOAD,
        )

    def action_void_old_secret(self):
        """The secret before the last one is no good from now on."""
        self.check_access("write")
        self.sudo().write({"previous_hash": False, "previous_until": False})
        for client in self.sudo():
            client.message_post(
                body=self.env._("The old secret is void."), author_id=self.env.user.partner_id.id
            )
        return True

    # -------------------------------------------------------------------------
    # LOG-IN
    # -------------------------------------------------------------------------

    @api.model
    def _authenticate(self, proof):
        """The `Registered` client that this proof (`forms.ClientProof`) belongs to.

        Raises InvalidClient. Failures are counted and limited by the caller, so that a wrong code
        or refresh token counts like a wrong secret.
        """
        client = self._registered(self._claimed_identifier(proof))
        if client is None or not self._proves(client, proof):
            raise InvalidClient()
        return client

    @api.model
    def _claimed_identifier(self, proof):
        """Who the caller says to be: good for counting and looking up, for nothing else."""
        if proof.method != "assertion":
            return proof.client_id
        try:
            subject = tokens.unverified_subject(proof.assertion)
        except tokens.TokenRefused:
            return proof.client_id
        if proof.client_id and proof.client_id != subject:
            raise InvalidClient()
        return subject

    @api.model
    def _proves(self, client, proof):
        if proof.method != "assertion":
            return client.auth_method == "secret" and self._secret_holds(client, proof.secret)
        return client.auth_method == "private_key_jwt" and self._assertion_holds(client, proof)

    @api.model
    def _secret_holds(self, client, secret):
        """The secret, or for a while the one before it; both are compared, whatever comes out."""
        overlaps = client.previous_until and fields.Datetime.now() < client.previous_until
        current = grants.same_secret(secret, client.secret_hash)
        before = grants.same_secret(secret, client.previous_hash)
        return current or bool(overlaps and before)

    @api.model
    def _assertion_holds(self, client, proof):
        """RFC 7523: iss = sub = client, aud = us, exp required and near, jti once."""
        issuer = self.env["moedelo.settings"]._issuer()
        try:
            claims = tokens.verify(
                proof.assertion,
                client.jwks,
                typ=tokens.ASSERTION,
                issuer=client.identifier,
                audience=metadata.assertion_audiences(issuer),
                required=("exp", "sub", "jti"),
            )
        except tokens.TokenRefused:
            return False
        # `verify` has read it as a number, and a year that no calendar has is far away as well.
        expires = int(claims["exp"])
        latest = fields.Datetime.now().replace(tzinfo=timezone.utc) + timedelta(hours=1)
        if claims["sub"] != client.identifier or expires > latest.timestamp():
            return False
        until = datetime.fromtimestamp(expires, timezone.utc).replace(tzinfo=None)
        return self.env["moedelo.spent"]._spend(f"assertion|{client.id}|{claims['jti']}", until)

    @api.model
    def _registered(self, identifier):
        """The active client of this name, or None."""
        return self._all_registered().get(identifier)

    @api.model
    @ormcache()
    def _all_registered(self):
        """`{identifier: Registered}`: all of them at once, so that names which strangers make up
        fill no cache and ask no database."""
        return {client.identifier: client._as_registered() for client in self.sudo().search([])}

    def _as_registered(self):
        return Registered(
            id=self.id,
            identifier=self.identifier,
            kind=self.kind,
            auth_method=self.auth_method,
            secret_hash=self.secret_hash or "",
            previous_hash=self.previous_hash or "",
            previous_until=self.previous_until or None,
            jwks=signing_keys.read_jwks(self.jwks) if self.jwks else {},
            redirect_uris=tuple(self._redirect_list()),
            company_id=self.company_id.id or None,
            only_bound=self.only_bound,
            only_pushed=self.only_pushed,
        )
