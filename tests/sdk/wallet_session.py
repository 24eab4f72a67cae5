# SPDX-License-Identifier: MIT
"""The Python half of the session in the README: a wallet, and signatures, of the wallet library. Run by
its own interpreter.

    wallet_session.py new             a hotkey "dev" of wallet "theirs"
    wallet_session.py sign FILE       headers for a body, signed with hotkey "dev" of wallet "me"
    wallet_session.py verify FILE     do the headers on standard input hold for that body?
"""

import hashlib
import sys
import time

from bittensor_wallet import Keypair, Wallet


def message(hotkey: str, nonce: str, path: str) -> bytes:
    with open(path, "rb") as body:
        return f"{hotkey}:{nonce}:{hashlib.sha256(body.read()).hexdigest()}".encode()


def sign(path: str) -> None:
    key = Wallet("me", "dev").hotkey
    nonce = str(int(time.time()))
    print("X-Chutes-Hotkey:", key.ss58_address)
    print("X-Chutes-Nonce:", nonce)
    print("X-Chutes-Signature:", key.sign(message(key.ss58_address, nonce, path)).hex())


def verify(path: str) -> None:
    h = dict(line.strip().split(": ") for line in sys.stdin)
    hotkey = h["X-Chutes-Hotkey"]
    signature = bytes.fromhex(h["X-Chutes-Signature"])
    print(Keypair(ss58_address=hotkey).verify(message(hotkey, h["X-Chutes-Nonce"], path), signature))


if sys.argv[1] == "new":
    Wallet("theirs", "dev").create_new_hotkey(use_password=False, suppress=True)
else:
    {"sign": sign, "verify": verify}[sys.argv[1]](sys.argv[2])
