# SPDX-License-Identifier: MIT
"""chutes verify-signature: signatures that are right, wrong, old, and badly written."""
import json
import pathlib
import time

import pytest

VECTORS = pathlib.Path(__file__).parents[1] / "vectors/sign"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
GOLDEN = {row["scheme"]: row for row in
          json.loads((VECTORS / "requests.json").read_text())["requests"]}
PURPOSE = GOLDEN["chutes purpose form hotkey:nonce:purpose"]["sig"]
BODY = GOLDEN["chutes body form hotkey:nonce:sha256(body)"]["sig"]
BTAUTH = "0x" + GOLDEN["btauth/1 sr25519"]["sig"]
CLAIM = ("--hotkey", ALICE, "--nonce", "1752076800", "--signature")


@pytest.fixture
def verify(chutes):
    return lambda *words, **more: chutes("verify-signature", *words, **more)


@pytest.fixture
def body(chutes):
    path = chutes.cwd / "request.json"
    path.write_text('{"prompt": "hello"}')
    return path


def test_golden(verify, body):
    got = verify(*CLAIM, PURPOSE, "--purpose", "registration", "--any-time", check=0)
    first, second = got.out.splitlines()
    assert first == f"signed by {ALICE}"
    assert second.startswith("2025-07-09T16:00:00Z, ") and second.endswith(" ago")
    got = verify(*CLAIM, BODY.upper(), "--body", body, "--any-time", "--json", check=0).json
    assert got["schema"] == "chutes.verify-signature/v1"
    age = got["result"].pop("age_seconds")
    assert abs(time.time() - 1752076800 - age) < 600
    assert got["result"] == {"hotkey": ALICE, "scheme": "chutes", "wrapped": False,
                             "signed_at": "2025-07-09T16:00:00Z"}
    verify(*CLAIM, BODY, "--body", "-", "--any-time", input=body.read_text(), check=0)


def test_golden_btauth(verify, body):
    claim = ("--hotkey", ALICE, "--nonce", "1752076800000000000", "--signature", BTAUTH,
             "--receiver", BOB, "--any-time", "--body", body)
    url = "http://a.example/generate?stream=false"
    assert verify(*claim, "--url", url, check=0).out.startswith(f"signed by {ALICE}\n")
    verify(*claim, "--url", "/generate?stream=false", check=0)
    assert "--url" in verify(*claim, check=2).err
    got = verify(*claim, "--url", "/generate", check=4)
    assert "is not of this key and message" in got.err
    assert "what is signed is method, address and body" in got.err
    verify(*claim, "--url", url, "--method", "PUT", check=4)


def test_recorded(verify, chutes):
    """A few of the Python client's; tests/unit has all of them."""
    document = json.loads((VECTORS / "recorded_0.6.9.json").read_text())
    rows = [row for row in document["requests"] if row["rule"] != "fingerprint"
            and (row["rule"] != "body" or "body" in row)]
    for row in rows[::12]:
        words = ["--hotkey", document["hotkey"], "--nonce", row["nonce"], "--any-time",
                 "--signature", row["signature"], "--method", row["method"],
                 "--url", "https://api.chutes.ai" + row["target"]]
        if row["rule"] == "body":
            (chutes.cwd / "body").write_text(row["body"])
            words += ["--body", "body"]
        verify(*words, check=0)


def test_times(verify):
    got = verify(*CLAIM, PURPOSE, "--purpose", "registration", check=4)
    assert got.out == ""
    assert "the signature itself holds: the request was signed" in got.err
    assert "--any-time" in got.err
    # what is wrong is told first
    assert "is not of this key" in verify(*CLAIM, PURPOSE, "--purpose", "me", check=4).err


def test_does_not_hold(verify, body):
    flipped = PURPOSE[:-1] + ("e" if PURPOSE[-1] != "e" else "c")
    for signature in (flipped, BODY, "0" * 128):
        got = verify(*CLAIM, signature, "--purpose", "registration", "--any-time", check=4)
        assert f"signature of hotkey '{ALICE}': " in got.err and "the purpose" in got.err
    got = verify(*CLAIM, BODY, "--body", "/dev/null", "--any-time", "--json", check=4)
    assert "the body, to the last byte" in got.json["error"]["hint"]
    got = verify("--hotkey", BOB, *CLAIM[2:], PURPOSE, "--purpose", "registration", check=4)
    assert f"signature of hotkey '{BOB}'" in got.err


@pytest.mark.parametrize("words, code, message", [
    ((), 2, "--hotkey, --nonce and --signature are needed together"),
    (("--hotkey", ALICE, "--nonce", "1"), 2, "are needed together"),
    (("--headers", "h", "--nonce", "1"), 2, "--headers excludes --hotkey"),
    (("--headers", "-", "--body", "-"), 2, "cannot both be standard input"),
    (("--headers", "missing"), 5, "--headers: cannot open 'missing'"),
    ((*CLAIM, PURPOSE), 2, "what is signed is not said"),
    ((*CLAIM, "0x" + PURPOSE), 4, "'X-Chutes-Signature' is not of 128 hexadecimal digits without"),
    ((*CLAIM, PURPOSE[:-1]), 4, "'X-Chutes-Signature' is not of 128 hexadecimal digits"),
    ((*CLAIM, PURPOSE, "--receiver", BOB), 4, "'X-Bittensor-Signature' is not '0x' with 128"),
    ((*CLAIM, BTAUTH, "--receiver", ALICE[:-1]), 4, "'X-Bittensor-Receiver' is not an address"),
    (("--hotkey", ALICE, "--nonce", "01", "--signature", PURPOSE), 4, "not a time in decimal sec"),
    (("--hotkey", "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5", *CLAIM[2:], PURPOSE), 4,
     "is of network 0, not of Bittensor"),
    (("--hotkey", ALICE[:-1] + "Z", *CLAIM[2:], PURPOSE), 4, "has a wrong checksum"),
])
def test_refused(verify, words, code, message):
    got = verify(*words)
    assert got.code == code and got.out == "" and message in got.err, repr(got)


@pytest.mark.parametrize("text, code, message", [
    ("", 4, "no header of these signs anything"),
    ("Host: a.example\nX-Chutes-UserID: 1\n", 4, "no header of these signs anything"),
    ("X-Chutes-Nonce: 1\n", 4, "header 'X-Chutes-Hotkey' is missing"),
    (f"X-Chutes-Hotkey: {ALICE}\nx-chutes-hotkey: {ALICE}\n", 4, "comes twice"),
    ("X-Chutes-Nonce: 1\nX-Bittensor-Version: 1\n", 4, "headers of both schemes"),
    ("hello\n", 2, "line 1 is no 'Name: value'"),
    ("A: b\n\n: c\n", 2, "line 3 is no 'Name: value'"),
    ("A: b\0\n", 2, "is no text"),
    ("A: b\n" * 13108, 1, "more than the limit of 65536 bytes"),
])
def test_headers_refused(verify, text, code, message):
    got = verify("--headers", "-", "--purpose", "me", input=text)
    assert got.code == code and message in got.err, repr(got)


def test_headers_of_any_spelling(verify, chutes):
    """Ends of lines of HTTP, blanks, other headers between them."""
    text = (f"Host: a.example\r\nx-chutes-hotkey:{ALICE}\r\nX-CHUTES-NONCE: \t1752076800 \r\n"
            f"Accept: */*\r\nX-Chutes-Signature: {PURPOSE}\r\n\r\n")
    (chutes.cwd / "headers").write_text(text)
    words = ("--headers", "headers", "--any-time")
    verify(*words, "--purpose", "registration", check=0)
    got = verify(*words, "--purpose", "registration", "--receiver", BOB, check=2)
    assert "--receiver is for scheme 'btauth'" in got.err


def test_largest_headers(verify):
    text = f"X-Chutes-Hotkey: {ALICE}\nX-Chutes-Nonce: 1752076800\nX-Chutes-Signature: {PURPOSE}\n"
    text += "A: " + "b" * (65536 - len(text) - 4) + "\n"
    words = ("--headers", "-", "--any-time", "--purpose", "registration")
    assert len(text) == 65536
    verify(*words, input=text, check=0)
    assert "more than the limit" in verify(*words, input=text + "\n", check=1).err


def test_needs_no_configuration(verify, chutes):
    """What is public can be checked anywhere: a broken configuration is not looked at."""
    path = chutes.cwd / "config.ini"
    path.write_text("broken")
    verify(*CLAIM, PURPOSE, "--purpose", "registration", "--any-time",
           env={"CHUTES_CONFIG_PATH": str(path), "HOME": None}, check=0)
