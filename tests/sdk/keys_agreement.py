# SPDX-License-Identifier: MIT
"""Usage: PYTHON keys_agreement.py KEYS COUNT SEED

COUNT signatures, COUNT that were made and then changed, and COUNT / 20 secret URIs: KEYS (our keys
and signatures) and schnorrkel through its Python binding and through the platform's wallets say the
same of each. Ends with 1 and shows where they disagree."""
import random
import subprocess
import sys

import bittensor_wallet
import sr25519

SHOWN = 5
LETTERS = "abcXYZ0189-_+. éß字"


def words(question):
    verb, *arguments = question
    return " ".join([verb, *(argument.hex() or "-" for argument in arguments)])


def ours(questions):
    done = subprocess.run([sys.argv[1]], input="\n".join(map(words, questions)) + "\n", text=True,
                          stdout=subprocess.PIPE, check=True)
    answers = done.stdout.splitlines()
    assert len(answers) == len(questions)
    return answers


def message(rng):
    return rng.randbytes(rng.choice((0, 1, 32, 165, 166, 167, rng.randrange(1000))))


def theirs_accepts(public, text, signature):
    try:
        return sr25519.verify(signature, text, public)
    except (ValueError, TypeError):  # what is no key or signature at all
        return False


def changed(rng, question):
    """The same with one bit changed somewhere."""
    parts = [bytearray(part) for part in question[1:]]
    part = rng.choice([part for part in parts if part])
    part[rng.randrange(len(part))] ^= 1 << rng.randrange(8)
    return ("verify", *map(bytes, parts))


def compare_signatures(rng, count):
    """Ours, which they take; theirs, which we take; and changed ones."""
    seeds = [rng.randbytes(32) for _ in range(count)]
    texts = [message(rng) for _ in range(count)]
    made = ours([("sign", seed, text) for seed, text in zip(seeds, texts)])
    questions = []
    for seed, text, answer in zip(seeds, texts, made):
        public, signature = map(bytes.fromhex, answer.split())
        pair = sr25519.pair_from_seed(seed)
        if pair[0] != public or not theirs_accepts(public, text, signature):
            yield f"seed {seed.hex()}, message {text.hex()}: {answer}"
        questions.append(("verify", public, text, sr25519.sign(pair, text)))
    questions += [changed(rng, question) for question in questions]
    n_taken = 0
    for question, answer in zip(questions, ours(questions)):
        n_taken += answer == "yes"
        if theirs_accepts(*question[1:]) != (answer == "yes"):
            yield f"{words(question)}: {answer}"
    if n_taken != count:
        yield f"{n_taken} of {count} signatures are taken"


def uri(rng):
    text = rng.choice(("", bittensor_wallet.Keypair.generate_mnemonic(rng.choice((12, 15, 18, 21, 24))),
                       "0x" + rng.randbytes(32).hex()))
    is_seed = text.startswith("0x")
    for _ in range(rng.randrange(4)):
        text += rng.choice(("/", "//"))
        text += rng.choice((str(rng.randrange(1 << rng.randrange(1, 70))),
                            "".join(rng.choices(LETTERS, k=rng.randrange(1, 70)))))
    if not is_seed and rng.random() < 0.3:
        text += "///" + "".join(rng.choices(LETTERS + "/", k=rng.randrange(10)))
    return text


def compare_uris(rng, count):
    uris = [uri(rng) for _ in range(count)]
    for text, answer in zip(uris, ours([("uri", text.encode()) for text in uris])):
        try:
            pair = bittensor_wallet.Keypair.create_from_uri(text)
            wanted = f"{pair.public_key.hex()} {pair.ss58_address}"
        except Exception:  # of no class of its own
            wanted = "refused"
        if wanted != answer:
            yield f"{text!r}: {answer}, not {wanted}"


def main():
    count, rng = int(sys.argv[2]), random.Random(sys.argv[3])
    faults = [*compare_signatures(rng, count), *compare_uris(rng, count // 20)]
    for fault in faults[:SHOWN]:
        print(fault)
    print(f"{count} signatures made, {3 * count} compared, {count // 20} URIs, "
          f"{len(faults)} disagreements")
    return 1 if faults else 0


sys.exit(main())
