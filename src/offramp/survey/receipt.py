"""The receipt: a response's secret written so that a person can copy it by hand.

Twenty-six characters for 128 bits and two more that catch typing errors, in groups of four. The alphabet has no
I, L, O or U; small letters, spaces and those look-alikes are understood. The invariant: a receipt with one wrong
character never passes as another person's.
"""

from __future__ import annotations

import hashlib

from offramp.errors import refuse
from offramp.sealing import SECRET_BYTES, Secret

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ = {character: place for place, character in enumerate(_ALPHABET)} | {"I": 1, "L": 1, "O": 0}
_SECRET_CHARACTERS, _CHECK_CHARACTERS, _GROUP = 26, 2, 4


def write_receipt(secret: Secret) -> str:
    """Return the receipt of a secret, such as ABCD-EFGH-…"""
    characters = _letters(int.from_bytes(secret, "big"), _SECRET_CHARACTERS) + _check(secret)
    return "-".join(characters[i : i + _GROUP] for i in range(0, len(characters), _GROUP))


def read_receipt(text: str) -> Secret:
    """Return the secret of a receipt. Refusal receipt.unreadable, without a hint how near it was."""
    characters = "".join(character for character in text.upper() if character.isalnum())
    if len(characters) == _SECRET_CHARACTERS + _CHECK_CHARACTERS and all(c in _READ for c in characters):
        number = 0
        for character in characters[:_SECRET_CHARACTERS]:
            number = number * 32 + _READ[character]
        if number < 1 << 8 * SECRET_BYTES:
            secret = Secret(number.to_bytes(SECRET_BYTES, "big"))
            check = "".join(_ALPHABET[_READ[c]] for c in characters[_SECRET_CHARACTERS:])
            if check == _check(secret):
                return secret
    raise refuse(
        "receipt.unreadable", "receipt", "This is no receipt.", "Please compare it with what you kept."
    )


def _check(secret: Secret) -> str:
    return _letters(int.from_bytes(hashlib.sha256(b"offramp/receipt/" + secret).digest()[:4], "big"), 2)


def _letters(number: int, count: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(count)))
