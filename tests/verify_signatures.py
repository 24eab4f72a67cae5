# SPDX-License-Identifier: MIT
"""Verify sr25519 signatures with schnorrkel's binding: a line "PUBLIC MESSAGE SIGNATURE" in hex on
standard input, a line "1" or "0" for each. Runs in an environment that has py-sr25519-bindings."""
import sys

import sr25519

for line in sys.stdin:
    public, message, signature = (bytes.fromhex(word) for word in line.split(" "))
    print(int(sr25519.verify(signature, message, public)), flush=True)
