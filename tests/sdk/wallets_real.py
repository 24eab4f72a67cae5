# SPDX-License-Identifier: MIT
"""What the wallet library does with wallets; run by its own interpreter.

    wallets_real.py read ROOT WALLET HOTKEY [PASSWORD]   addresses: hotkey, its public file, coldkey, its
                                                         public file ("-" without a password)
    wallets_real.py write ROOT WALLET HOTKEY PHRASE PASSWORD
"""

import os
import sys

try:
    from bittensor_wallet import Wallet
except ImportError:
    from bittensor import Wallet


def read(wallet, password):
    cold = wallet.get_coldkey(password).ss58_address if password else "-"
    return (
        wallet.hotkey.ss58_address,
        wallet.hotkeypub.ss58_address,
        cold,
        wallet.coldkeypub.ss58_address if password else "-",
    )


def write(wallet, phrase, password):
    wallet.regenerate_hotkey(mnemonic=phrase, use_password=False, overwrite=True)
    wallet.regenerate_coldkey(mnemonic=phrase, coldkey_password=password, overwrite=True)


def main():
    action, root, name, hotkey, *rest = sys.argv[1:]
    wallet = Wallet(name=name, hotkey=hotkey, path=root)
    with open(os.devnull, "w") as quiet:
        sys.stdout, shown = quiet, sys.stdout
        result = read(wallet, rest[0] if rest else None) if action == "read" else write(wallet, *rest)
        sys.stdout = shown
    print(*(result or ["done"]))


main()
