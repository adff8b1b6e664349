"""Ed25519: is this body really from a server we trust, byte by byte?"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from broadcaster.player.errors import NotTrusted
from broadcaster.protocol import KEY_ID_HEADER, SIGNATURE_HEADER, PublicKey


def verify(body: bytes, headers: Mapping[str, str], keys: Iterable[PublicKey]) -> PublicKey:
    """Check the signature in the headers over the exact body and return the key that made it.

    Raises:
        NotTrusted: no signature, a key we do not trust, or a signature that does not fit.
    """
    key_id = headers.get(KEY_ID_HEADER, "")
    key = next((key for key in keys if key.key_id == key_id), None)
    if key is None:
        raise NotTrusted(f"Signed with the key {key_id!r}, which this player does not trust")
    try:
        VerifyKey(base64.b64decode(key.key)).verify(body, base64.b64decode(headers.get(SIGNATURE_HEADER, "")))
    except (BadSignatureError, binascii.Error, ValueError) as error:
        raise NotTrusted("The signature does not fit the content: it was changed on its way") from error
    return key


def fingerprint(key: PublicKey) -> str:
    """Return the first 16 hexadecimal digits of the raw key's sha256 in groups of four, to be compared by eye."""
    digest = hashlib.sha256(base64.b64decode(key.key)).hexdigest()
    return "-".join(digest[i : i + 4] for i in range(0, 16, 4)).upper()
