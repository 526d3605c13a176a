"""Signing: the minisign seam (py-minisign). Keys are Ed25519, signatures prehashed, secret files mode 0600.

The format is that of the ``minisign`` program, so anyone can check a release without fairline.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import minisign

from catalog import durable
from catalog.errors import ConflictError, IntegrityError, UnauthorisedError

_KEY_ID_BYTES = slice(2, 10)
#: The first line of a signature is covered by nothing; only this text is accepted there, so that no byte can change.
_UNTRUSTED_COMMENT = "signature from minisign secret key"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: the base64 line of a minisign public key file.

    ``key_id`` is the hexadecimal number that minisign prints in its comments.
    """

    base64: str

    @property
    def key_id(self) -> str:
        """The key's identifier, 16 hexadecimal digits."""
        import base64

        return base64.b64decode(self.base64)[_KEY_ID_BYTES][::-1].hex().upper()

    def file_text(self) -> str:
        """The text of a minisign public key file with this key."""
        return f"untrusted comment: minisign public key {self.key_id}\n{self.base64}\n"


def parse_public_key(text: str) -> PublicKey:
    """The public key in the text of a key file, or in its bare base64 line.

    Raises:
        IntegrityError: the text is not a minisign public key.
    """
    for line in text.splitlines():
        if line.strip() and not line.startswith("untrusted comment:"):
            return _checked(line.strip())
    raise IntegrityError("key-malformed", "the text holds no minisign public key", got=text[:60])


def parse_public_keys(text: str, at: str = "signing-key.pub") -> tuple[PublicKey, ...]:
    """All public keys in a text, in order (``signing-key.pub`` lists every key of a bank).

    Args:
        text: the text of the file.
        at: the file's name, for errors.

    Raises:
        IntegrityError: a line is neither a comment nor a public key.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), start=1)]
    return tuple(
        _checked(line, f"{at} line {number}")
        for number, line in lines
        if line and not line.startswith("untrusted comment:")
    )


def _checked(line: str, at: str | None = None) -> PublicKey:
    try:
        minisign.PublicKey.from_base64(line)
    except (minisign.Error, ValueError) as error:
        raise IntegrityError("key-malformed", "a line is not a minisign public key", at=at, got=line[:60]) from error
    return PublicKey(line)


def make_key(folder: Path, path: Path | None = None) -> PublicKey:
    """Makes a key pair; the secret goes into a new file of mode 0600.

    Args:
        folder: where to put ``KEYID.key`` when no path is given; it is made with mode 0700.
        path: the secret key's file, which must not exist.

    Raises:
        ConflictError: the file exists.
    """
    pair = minisign.KeyPair.generate()
    public = PublicKey(pair.public_key.to_base64().decode())
    target = path or folder / f"{public.key_id}.key"
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        durable.write_new(target, bytes(pair.secret_key), mode=0o600)
    except FileExistsError:
        raise ConflictError("key-exists", "a secret key is never overwritten", at=str(target)) from None
    return public


def public_key_of(path: Path) -> PublicKey:
    """The public key that belongs to a secret key file."""
    return PublicKey(minisign.PublicKey.from_secret_key(_secret_key(path)).to_base64().decode())


def find_secret_key(public: PublicKey, folder: Path, key_file: Path | None) -> Path:
    """The file of the secret key that belongs to a public key.

    Raises:
        UnauthorisedError: it is neither the named file nor in the folder.
    """
    for path in ([key_file] if key_file else []) + [folder / f"{public.key_id}.key"]:
        if path.exists() and public_key_of(path) == public:
            return path
    raise UnauthorisedError(
        "key-missing",
        f"the secret key {public.key_id} of this bank is not on this machine",
        at=str(key_file or folder / f"{public.key_id}.key"),
        hint="copy the key from its backup, or point FAIRLINE_KEY_FILE at it",
    )


def _secret_key(path: Path) -> minisign.SecretKey:
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnauthorisedError(
            "key-readable",
            "the secret key can be read by others",
            at=str(path),
            want="mode 0600",
            got=f"mode {stat.S_IMODE(path.stat().st_mode):04o}",
            hint=f"chmod 600 {path}; if others had access, make a new key",
        )
    try:
        return minisign.SecretKey.from_file(path)
    except (minisign.Error, ValueError) as error:
        raise IntegrityError("key-malformed", "the file is not a minisign secret key", at=str(path)) from error


def sign(content: bytes, path: Path, trusted_comment: str) -> str:
    """The whole text of a prehashed minisign signature over some bytes.

    Raises:
        UnauthorisedError: the key file can be read by others, or is locked with a password.
    """
    secret = _secret_key(path)
    if secret.is_encrypted():
        raise UnauthorisedError(
            "key-locked",
            "the secret key is locked with a password",
            at=str(path),
            hint="remove the password with 'minisign -C -W -s FILE': releases are signed without a prompt",
        )
    signature = secret.sign(
        content, prehash=True, untrusted_comment=_UNTRUSTED_COMMENT, trusted_comment=trusted_comment
    )
    return bytes(signature).decode()


def signature_fault(content: bytes, signature: str, public: PublicKey, trusted_comment: str) -> str | None:
    """Why a signature does not hold; None when it does.

    Args:
        content: the signed bytes.
        signature: the whole minisign text.
        public: the key that must have signed.
        trusted_comment: the comment that the signature must carry.
    """
    try:
        parsed = minisign.Signature.from_bytes(signature.encode())
        if not parsed.is_prehashed():
            return "the signature is not of the prehashed kind"
        if parsed.trusted_comment != trusted_comment:
            return f"the signature was made for {parsed.trusted_comment!r}"
        if parsed.untrusted_comment != _UNTRUSTED_COMMENT or bytes(parsed) != signature.encode():
            return "the signature is not written as it was made"
        minisign.PublicKey.from_base64(public.base64).verify(content, parsed)
    except (minisign.Error, ValueError) as error:
        return f"the signature does not hold: {error}"
    return None
