# SPDX-License-Identifier: MIT
"""Requests signed and checked by others; run by the interpreter that has them. Headers come and go as
"Name: value" lines, a body is a file.

    sign_real.py sdk-sign PURPOSE|@BODY         by the platform's SDK, with the key of its config.ini
    sign_real.py binding-check PURPOSE|@BODY    headers on standard input, by schnorrkel's binding and
                                                the wallet library
    sign_real.py btauth-sign SEED METHOD TARGET BODY RECEIVER
    sign_real.py btauth-check METHOD TARGET BODY RECEIVER     headers on standard input
"""
import hashlib
import pathlib
import sys


def headers_read():
    return dict(line.rstrip("\n").split(": ", 1) for line in sys.stdin)


def headers_write(headers):
    for name, value in headers.items():
        print(f"{name}: {value}")


def sdk_sign(what):
    from chutes.util.auth import sign_request
    payload = pathlib.Path(what[1:]).read_bytes() if what.startswith("@") else None
    headers_write(sign_request(payload, purpose=None if payload else what)[0])


def binding_check(what):
    import sr25519
    from bittensor_wallet import Keypair
    headers = headers_read()
    hotkey = headers["X-Chutes-Hotkey"]
    if what.startswith("@"):
        what = hashlib.sha256(pathlib.Path(what[1:]).read_bytes()).hexdigest()
    message = f"{hotkey}:{headers['X-Chutes-Nonce']}:{what}".encode()
    signature = bytes.fromhex(headers["X-Chutes-Signature"])
    keypair = Keypair(ss58_address=hotkey)
    assert keypair.verify(message, signature)
    assert sr25519.verify(signature, message, bytes(keypair.public_key))
    assert not keypair.verify(message + b"x", signature)
    print("good")


def btauth_sign(seed, method, target, body, receiver):
    from bittensor import http_auth
    from bittensor.keyfiles import Keypair
    key = Keypair.create_from_seed(bytes.fromhex(seed))
    headers_write(http_auth.sign(key, method=method, path=target, receiver_ss58=receiver,
                                 body=pathlib.Path(body).read_bytes()))


def btauth_check(method, target, body, receiver):
    from bittensor import http_auth
    caller = http_auth.verify(headers_read(), pathlib.Path(body).read_bytes(), method=method,
                              path=target, self_hotkey_ss58=receiver)
    print(caller.hotkey_ss58)


if __name__ == "__main__":
    {"sdk-sign": sdk_sign, "binding-check": binding_check, "btauth-sign": btauth_sign,
     "btauth-check": btauth_check}[sys.argv[1]](*sys.argv[2:])
