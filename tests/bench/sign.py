# SPDX-License-Identifier: MIT
"""Usage: sign.py [ROUNDS]

One request signed, from the start of a program to its end: `chutes sign` with a wallet, the platform's
SDK with its config.ini, Python with the wallet library alone, and Python with schnorrkel's binding
alone. In turns; time, CPU time, which is steadier on a busy machine, and the medians of the ratios of
both. The goal is 5 ms. Needs the program."""
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from harness import PROGRAM, environment  # noqa: E402

SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
CONFIG = f"""[api]
base_url = https://api.chutes.ai
[auth]
username = alice
user_id = 3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a01
hotkey_seed = {SEED}
hotkey_name = alice
hotkey_ss58address = {ALICE}
[payment]
address = {ALICE}
"""
BY_SDK = """
from chutes.util.auth import sign_request
for name, value in sign_request(purpose="me")[0].items(): print(f"{name}: {value}")
"""
PRINT = """
nonce = str(int(time.time()))
signature = sign(f"{hotkey}:{nonce}:me".encode())
print(f"X-Chutes-Hotkey: {hotkey}", f"X-Chutes-Nonce: {nonce}",
      f"X-Chutes-Signature: {signature.hex()}", sep="\\n")
"""
BY_WALLET = """
import time
from bittensor_wallet import Wallet
pair = Wallet(name="me", hotkey="default", path=PATH).hotkey
hotkey, sign = pair.ss58_address, pair.sign
""" + PRINT
BY_BINDING = """
import json, time, sr25519
key = json.load(open(PATH + "/me/hotkeys/default"))
pair = sr25519.pair_from_seed(bytes.fromhex(key["secretSeed"][2:]))
hotkey, sign = key["ss58Address"], lambda message: sr25519.sign(pair, message)
""" + PRINT


def cpu_ms():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def measured(command, env):
    """Milliseconds by the clock, and of CPU."""
    cpu, began = cpu_ms(), time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    took = (time.perf_counter() - began) * 1000
    assert done.returncode == 0 and "X-Chutes-Signature: " in done.stdout, done.stderr
    return took, cpu_ms() - cpu


def prepare(home):
    """The same key as the SDK and as wallets have it; the environment of all programs."""
    legacy, hotkeys = home / ".chutes/config.ini", home / "wallets/me/hotkeys"
    legacy.parent.mkdir()
    hotkeys.mkdir(parents=True, mode=0o700)
    legacy.write_text(CONFIG)
    legacy.chmod(0o600)
    key = hotkeys / "default"
    key.write_text('{"accountId": null, "secretSeed": "0x%s", "ss58Address": "%s"}' % (SEED, ALICE))
    key.chmod(0o600)
    return {"HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"}


def column(rounds, name, i):
    ratios = sorted(row[name][i] / row["chutes sign"][i] for row in rounds)
    return (f"{statistics.median(row[name][i] for row in rounds):7.1f} ms{' CPU' if i else ''}, "
            f"{statistics.median(ratios):.1f} of ours ({ratios[0]:.1f}-{ratios[-1]:.1f})")


def main():
    n_rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    sdk = environment("real-0.6.9", ["chutes==0.6.9", "jsonschema"])
    keys = environment("keys", ["py-sr25519-bindings==0.2.4", "bittensor-wallet==4.1.1"])
    with tempfile.TemporaryDirectory() as home:
        env = prepare(pathlib.Path(home))
        path = f"PATH = {home + '/wallets'!r}\n"
        commands = {
            "chutes sign": [PROGRAM, "sign", "--purpose", "me", "--wallet", "me",
                            "--wallets-path", home + "/wallets"],
            "SDK": [sdk, "-I", "-c", BY_SDK],
            "wallet library": [keys, "-I", "-c", path + BY_WALLET],
            "binding alone": [keys, "-I", "-c", path + BY_BINDING],
        }
        for command in commands.values():  # what is read once
            measured(command, env)
        rounds = [{name: measured(c, env) for name, c in commands.items()} for _ in range(n_rounds)]
    for name in commands:
        print(f"{name:15}", *(column(rounds, name, i) for i in (0, 1)), sep="   ")


main()
