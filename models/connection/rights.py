# SPDX-License-Identifier: LGPL-3.0-only
"""Who may do what: the rights of this module, asked for in one way."""

from odoo.exceptions import AccessError

RIGHTS = {
    "operator": "bank_webservice.group_operator",
    "signer": "bank_webservice.group_signer",
    "sender": "bank_webservice.group_sender",
    "administrator": "bank_webservice.group_administrator",
    "confidential": "bank_webservice.group_confidential",
}
ADMINISTRATOR = RIGHTS["administrator"]
# What anybody may write on a frozen record: its messages and activities.
CHATTER = {"message_main_attachment_id", "message_follower_ids", "activity_ids", "message_ids"}


def require_right(env, right):
    """AccessError unless the user (not the superuser's mode) has the right, one of `RIGHTS`."""
    if not env.user.has_group(RIGHTS[right]):
        raise AccessError(
            env._(
                "You need the right “%(right)s” for this. Ask an administrator.",
                right=_labels(env)[right],
            )
        )


def _labels(env):
    return {
        "operator": env._("Bank operations"),
        "signer": env._("Bank signing"),
        "sender": env._("Bank sending"),
        "administrator": env._("Bank administration"),
        "confidential": env._("Confidential payments"),
    }


def guard_administrator(records, vals, guarded):
    """AccessError where somebody else than the Administrator writes one of the `guarded` fields.

    records: empty in `create`, where empty values are not a change.
    """
    if not records.env.su and any(vals.get(name) or records for name in guarded & vals.keys()):
        require_right(records.env, "administrator")
