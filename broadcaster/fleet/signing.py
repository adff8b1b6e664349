"""The server's Ed25519 key: signs what players must be able to trust without a network."""

import base64
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from nacl.signing import SigningKey

from broadcaster.protocol import KEY_ID_HEADER, SIGNATURE_HEADER, PublicKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key and its public face."""

    key: SigningKey

    @property
    def public(self) -> PublicKey:
        """What players keep."""
        raw = self.key.verify_key.encode()
        return PublicKey(key_id=hashlib.sha256(raw).hexdigest()[:16], key=base64.b64encode(raw).decode())

    def sign(self, body: bytes) -> str:
        """Base64 of the signature over exactly these bytes."""
        return base64.b64encode(self.key.sign(body).signature).decode()

    def headers(self, body: bytes) -> dict[str, str]:
        """The two headers that go with a signed body."""
        return {SIGNATURE_HEADER: self.sign(body), KEY_ID_HEADER: self.public.key_id}

    def secret_for(self, purpose: str) -> bytes:
        """32 bytes for another use (tokens, cookies), derived so that there is one secret to back up."""
        return hashlib.blake2b(purpose.encode(), key=self.key.encode(), digest_size=32).digest()


def load_signer(folder: Path) -> Signer:
    """The key in `folder`, made at the first start; readable by its owner only."""
    path = folder / "signing.key"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        fd = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return Signer(SigningKey(path.read_bytes()))
    key = SigningKey.generate()
    with os.fdopen(fd, "wb") as file:
        file.write(key.encode())
        file.flush()
        os.fsync(file.fileno())
    return Signer(key)
