# SPDX-License-Identifier: LGPL-3.0-only
"""A log-in is a structure of its own: nothing else can be signed as one."""

from datetime import datetime, timedelta, timezone

import pytest
from signer_samples import challenge, instant, pain001

from signer import challenge as log_in
from signer.errors import Refusal

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=timezone.utc)
SIGNED_ATTRIBUTES = bytes.fromhex(
    "314b301806092a864886f70d010903310b06092a864886f70d010701302f06092a864886f70d01090431220420"
) + bytes(32)

REFUSED = {
    "nothing": b"",
    "a payment disguised as a challenge": pain001(),
    "signed attributes": SIGNED_ATTRIBUTES,
    "SignedInfo": b'<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/>',
    "SignedInfo after a mark": b"\xef\xbb\xbf <SignedInfo/>",
    "a digest": bytes(32),
    "no JSON": b"log me in",
    "a list": b"[]",
    "another purpose": challenge(NOW, purpose="payment"),
    "a key too many": challenge(NOW, amount="100.00"),
    "a key missing": challenge(NOW, issuer=None),
    "a number": challenge(NOW, client=10000001),
    "keys in another order": b'{"purpose":"log-in",' + challenge(NOW)[1:],
    "a key twice": challenge(NOW)[:-1] + b',"time":"2026-11-22T10:00:00Z"}',
    "white space": challenge(NOW).replace(b",", b", "),
    "a payment inside the nonce": challenge(NOW, nonce="<Document>100.00</Document>"),
    "a payment inside the login": challenge(NOW, login="<Document/>"),
    "a long text": challenge(NOW, login="x" * 101),
    "half a letter": challenge(NOW, login="j\ud800n"),
    "a short nonce": challenge(NOW, nonce="1"),
    "over": challenge(NOW - timedelta(minutes=6)),
    "just over": challenge(NOW - timedelta(minutes=5)),
    "lives ten minutes": challenge(NOW, expires=instant(NOW + timedelta(minutes=10))),
    "ends before it starts": challenge(NOW, expires=instant(NOW - timedelta(minutes=1))),
    "of tomorrow": challenge(NOW + timedelta(days=1)),
    "no such time": challenge(NOW, time="2026-11-31T10:00:00Z"),
    "a local time": challenge(NOW, time="2026-11-22T10:00:00"),
}


@pytest.mark.parametrize("payload", REFUSED.values(), ids=REFUSED)
def test_refused(payload):
    with pytest.raises(Refusal) as refusal:
        log_in.read(payload, NOW)
    assert refusal.value.code == "challenge_refused"


def test_a_log_in_is_read_and_kept_as_its_very_bytes():
    payload = challenge(NOW, login="józef")
    read = log_in.read(payload, NOW + timedelta(minutes=4))
    assert read.payload == payload
    assert (read.bank, read.client, read.login) == ("mbank", "10000001", "józef")
    assert read.expires == NOW + timedelta(minutes=5)
