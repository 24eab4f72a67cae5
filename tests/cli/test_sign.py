# SPDX-License-Identifier: MIT
"""chutes sign: headers for other programs, and whom they are never made for. That others verify
them is in tests/sdk."""
import hashlib
import http.server
import json
import os
import re
import resource
import shlex
import subprocess
import threading

import pytest
from harness import PROGRAM, is_instrumented

# //Alice signs, //Bob is a server
SEED = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
BOB = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
CONFIG = f"""\
[auth]
hotkey_seed = {SEED}

[profile own]
base_url = http://127.0.0.1:8600
scheme = btauth
server_key = {BOB}

[profile keyless]
base_url = http://127.0.0.1:8600
scheme = btauth

[profile unknown]
base_url = http://127.0.0.1:8600

[profile remote]
base_url = http://192.0.2.1:8600
scheme = chutes
"""


@pytest.fixture
def config(chutes):
    path = chutes.cwd.parent / "config.ini"
    path.write_text(CONFIG)
    path.chmod(0o600)
    chutes.env["CHUTES_CONFIG_PATH"] = str(path)
    return path


@pytest.fixture
def sign(chutes, config):
    return lambda *words, **more: chutes("sign", *words, **more)


@pytest.fixture
def verify(chutes):
    return lambda *words, **more: chutes("verify-signature", *words, **more)


def headers_of(result):
    return dict(line.split(": ", 1) for line in result.out.splitlines())


def test_chutes(sign, verify):
    got = sign("--purpose", "me", check=0)
    assert got.err == ""
    assert re.fullmatch(f"X-Chutes-Hotkey: {ALICE}\nX-Chutes-Nonce: [0-9]{{10}}\n"
                        "X-Chutes-Signature: [0-9a-f]{128}\n", got.out)
    seen = verify("--headers", "-", "--purpose", "me", input=got.out, check=0)
    assert seen.out.startswith(f"signed by {ALICE}\n")
    assert sign("--purpose", "me", "--headers", check=0).out != got.out  # each is another one
    assert sign("--purpose", "me", "--scheme", "chutes", "--quiet", check=0).out.count("\n") == 3


def test_btauth(chutes, sign, verify):
    body = chutes.cwd / "body.json"
    body.write_text('{"a": 1}')
    got = sign("--profile", "own", "--url", "http://127.0.0.1:8600/a?b=c", "--body", body, check=0)
    assert [line.split(":")[0] for line in got.out.splitlines()] == [
        f"X-Bittensor-{name}" for name in
        ("Version", "Hotkey", "Nonce", "Signature", "Receiver", "Body-SHA256")]
    headers = headers_of(got)
    assert headers["X-Bittensor-Receiver"] == BOB
    assert headers["X-Bittensor-Body-SHA256"] == hashlib.sha256(b'{"a": 1}').hexdigest()
    request = ("--headers", "-", "--method", "POST", "--url", "/a?b=c", "--body", body)
    assert verify(*request, "--receiver", BOB, input=got.out, check=0).err == ""
    for other in (("--url", "/a?b=d"), ("--method", "PUT"), ("--body", "/dev/null"),
                  ("--receiver", ALICE)):
        assert verify(*request, *other, input=got.out).code == 4


def test_json(sign):
    got = sign("--url", "/users/me", "--curl", "--json", check=0).json
    assert got["schema"] == "chutes.sign/v1"
    result = got["result"]
    assert result["scheme"] == "chutes" and result["method"] == "GET"
    assert list(result["headers"]) == ["X-Chutes-Hotkey", "X-Chutes-Nonce", "X-Chutes-Signature"]
    assert shlex.split(result["curl"])[-1] == "https://api.chutes.ai/users/me"
    assert sign("--purpose", "me", "--json", check=0).json["result"]["curl"] is None


@pytest.mark.parametrize("words, as_what", [
    (("--url", "/users/me"), ("--purpose", "me")),
    (("--url", "https://API.chutes.ai:443/images/x?y=z"), ("--purpose", "images")),
    (("--method", "DELETE", "--url", "/secrets/1"), ("--purpose", "secrets")),
    (("--method", "POST", "--url", "/images/"), ("--body", "/dev/null")),
    (("--method", "PUT"), ("--body", "/dev/null")),
    (("--body", "/dev/null"), ("--method", "POST")),
    (("--url", "/users/me", "--purpose", "images"), ("--purpose", "images")),
    # the platform looks at no body there
    (("--method", "GET", "--url", "/users/me", "--body", "/dev/null"), ("--purpose", "me")),
])
def test_what_is_signed(sign, verify, words, as_what):
    signed = sign(*words, check=0).out
    verify("--headers", "-", *as_what, input=signed, check=0)
    verify("--headers", "-", *words, input=signed, check=0)
    verify("--headers", "-", "--purpose", "other", input=signed, check=4)


@pytest.mark.parametrize("words, code, message", [
    ((), 2, "what is signed is not said"),
    (("--method", "DELETE"), 2, "what is signed is not said"),
    (("--purpose", "Me"), 2, "'Me' is no purpose"),
    (("--purpose", "e3b0c44298fc1c14"), 2, "is no purpose"),
    (("--purpose", "me", "--body", "/dev/null"), 2, "--purpose and --body exclude each other"),
    (("--url", "/pricing"), 2, "GET /pricing is open to everybody: nothing is signed for it"),
    (("--url", "/users/me/quotas"), 4, "the platform takes no hotkey for GET /users/me/quotas"),
    (("--url", "/users/change_fingerprint", "--method", "POST"), 2, "in a way of its own"),
    (("--url", "ftp://api.chutes.ai/"), 2, "is no address to which requests are sent"),
    (("--method", "get", "--purpose", "me"), 2, "option '--method' must be GET, POST"),
    (("--url", "/a", "--profile", "own", "--purpose", "me"), 2, "--purpose is for scheme 'chutes'"),
    (("--profile", "own"), 2, "scheme 'btauth' signs where the request goes"),
    (("--profile", "own", "--url", "/a#b"), 2, "'/a#b' is no target of a request"),
    (("--curl", "--purpose", "me"), 2, "--curl needs --url"),
    (("--curl", "--headers", "--url", "/users/me"), 2, "--curl and --headers exclude each other"),
    (("--curl", "--url", "/images/", "--body", "-"), 2, "curl cannot read again"),
    (("--body", "-", "--password-file", "-"), 2, "cannot both be standard input"),
    (("--body", "missing.json"), 5, "cannot open 'missing.json'"),
    (("--body", "/dev/zero"), 2, "'/dev/zero' is a device, and no file"),
    (("--body", "."), 1, "--body '.': reading: Is a directory"),
])
def test_refused(sign, words, code, message):
    got = sign(*words)
    assert got.code == code and got.out == "" and message in got.err, repr(got)
    assert sign(*words, "--json").json["error"]["exit_code"] == code


@pytest.mark.parametrize("words, message", [
    (("--url", "https://evil.example/"), "'https://evil.example/' is not at the profile's server"),
    (("--url", "https://u:pw@evil.example/?t=k"), "'https://...@evil.example/' is not at"),
    (("--url", "https://api.chutes.ai@evil.example/"), "is not at the profile's server"),
    (("--url", "https://api.chutes.ai:443:443/"), "is not at the profile's server"),
    (("--url", "http://api.chutes.ai/users/me"), "is not at the profile's server"),
    (("--profile", "remote", "--purpose", "me"), "'http://192.0.2.1:8600' is not encrypted"),
    (("--profile", "keyless", "--url", "/"), "the key of 'http://127.0.0.1:8600' is not known"),
    (("--profile", "unknown", "--purpose", "me"), "how requests to 'http://127.0.0.1:8600' are"),
    (("--api-url", "https://evil.example", "--purpose", "me"), "how requests to 'https://evil"),
    # a server of the other scheme gets no headers that can be used with the platform
    (("--profile", "own", "--scheme", "chutes", "--purpose", "me"), "is no server of scheme"),
    (("--profile", "unknown", "--scheme", "chutes", "--purpose", "me"), "is no server of scheme"),
    (("--api-url", "https://evil.example", "--scheme", "chutes", "--purpose", "me"), "is no server"),
    (("--scheme", "btauth", "--url", "/users/me"), "the key of 'https://api.chutes.ai' is not"),
])
def test_for_no_other_server(sign, words, message):
    got = sign(*words)
    assert got.code == 4 and got.out == "" and message in got.err and "= help: " in got.err, repr(got)


def test_environment_names_no_scheme(chutes, sign):
    got = sign("--purpose", "me", env={"CHUTES_API_URL": "https://evil.example"}, check=4)
    assert "how requests to 'https://evil.example' are signed is not known" in got.err


def test_a_wish_for_btauth(chutes, sign, config, verify):
    config.write_text(CONFIG + f"\n[profile both]\nbase_url = https://a.example\nscheme = chutes\n"
                               f"server_key = {BOB}\n")
    signed = sign("--profile", "both", "--scheme", "btauth", "--url", "/a", check=0).out
    assert signed.startswith("X-Bittensor-Version: 1\n")
    verify("--headers", "-", "--url", "https://a.example/a", input=signed, check=0)


def test_nobody_signs(chutes):
    got = chutes("sign", "--purpose", "me", check=4)
    assert "nothing says which hotkey signs" in got.err


def test_empty_body_and_none(sign, verify):
    """An empty body is a body; with btauth, none is an empty one."""
    empty = sign("--body", "-", input="", check=0).out
    verify("--headers", "-", "--body", "/dev/null", input=empty, check=0)
    for words in ((), ("--body", "/dev/null", "--method", "GET")):
        signed = sign("--profile", "own", "--url", "/a", *words, check=0).out
        assert hashlib.sha256(b"").hexdigest() in signed
        verify("--headers", "-", "--url", "/a", input=signed, check=0)


@pytest.mark.parametrize("size", [262143, 262144, 262145, 524288, 1000000])
def test_body_of_standard_input(chutes, sign, size):
    """Around the sizes of the pieces that are read."""
    body = b"x" * size
    done = subprocess.run([PROGRAM, "sign", "--profile", "own", "--url", "/", "--body", "-"],
                          input=body, capture_output=True, env=chutes.env, timeout=60, check=True)
    assert f"Body-SHA256: {hashlib.sha256(body).hexdigest()}\n" in done.stdout.decode()


def test_body_of_a_pipe(chutes, sign, verify):
    line = f"{PROGRAM} sign --profile own --url / --body <(printf abc; sleep 0.1; printf def)"
    done = subprocess.run(["bash", "-c", line], capture_output=True, env=chutes.env, text=True,
                          timeout=60, check=True)
    assert hashlib.sha256(b"abcdef").hexdigest() in done.stdout
    os.mkfifo(chutes.cwd / "fifo")
    assert "'fifo' is a named pipe" in sign("--body", "fifo", check=1).err


def test_unreadable_body(chutes, sign):
    assert "--body '/proc/self/mem': reading: Input/output error" in \
        sign("--body", "/proc/self/mem", check=1).err


def test_huge_body(chutes, sign):
    """5 GiB through a bounded memory: what is read is not kept."""
    body = chutes.cwd / "huge"
    with open(body, "wb") as out:
        out.truncate(5 << 30)

    def limit():
        if not is_instrumented():
            resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20))

    program = [PROGRAM, "sign", "--profile", "own", "--url", "/", "--body", body]
    done = subprocess.run(program, capture_output=True, text=True, env=chutes.env, timeout=300,
                          preexec_fn=limit)
    assert done.returncode == 0, done.stderr
    # sha256 of 5 GiB of zeros
    assert "7f06c62352aebd8125b2a1841e2b9e1ffcbed602f381c3dcb3200200e383d1d5" in done.stdout


class Recorder(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, list(self.headers.items()), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def server(config):
    """It records; the profile of it is called `here`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.seen = []
        server.url = f"http://127.0.0.1:{server.server_port}"
        with open(config, "a") as out:
            out.write(f"\n[profile here]\nbase_url = {server.url}\nscheme = btauth\n"
                      f"server_key = {BOB}\n")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()


def check_seen(server, verify, method, target, body):
    """What the server got, checked as a server does."""
    (seen_method, seen_target, headers, seen_body), = server.seen
    server.seen.clear()
    assert (seen_method, seen_target, seen_body) == (method, target, body)
    lines = "".join(f"{name}: {value}\n" for name, value in headers)
    verify("--headers", "-", "--method", method, "--url", target, *(
        ("--body", "body file") if body else ()), "--receiver", BOB, input=lines, check=0)


# to a shell, to curl, or to both of them
STRANGE = ["/a?b=[1-3]&c={x,y}", "/a/../b/./c", "/a'b\"c$(d)`e`;f|g\\h!*?~", "/%2f%00//", "/"]


@pytest.mark.parametrize("target", STRANGE)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD"])
def test_curl_line(chutes, sign, verify, server, target, method):
    body = b'{"it is": "\xc3\xa4"}\n'
    (chutes.cwd / "body file").write_bytes(body)
    words = ("--body", "body file") if method == "POST" else ()
    line = sign("--profile", "here", "--url", server.url + target, "--method", method, *words,
                "--curl", check=0).out
    assert line.count("\n") == 1 and line.startswith("curl ")
    subprocess.run(["sh", "-ec", line], check=True, cwd=chutes.cwd, capture_output=True, timeout=60)
    check_seen(server, verify, method, target, body if words else b"")


def test_names_of_bodies(chutes, sign, verify, server):
    name = "it's $(touch x) \n*"
    (chutes.cwd / name).write_bytes(b"hello")
    (chutes.cwd / "body file").write_bytes(b"hello")
    line = sign("--profile", "here", "--url", "/", "--body", name, "--curl", check=0).out
    subprocess.run(["sh", "-ec", line], check=True, cwd=chutes.cwd, capture_output=True, timeout=60)
    check_seen(server, verify, "POST", "/", b"hello")
    assert not (chutes.cwd / "x").exists()


def test_headers_for_curl(chutes, verify, server, sign):
    line = (f"{PROGRAM} sign --profile here --url /images/ --body - <'body file' |"
            f" curl -H @- --data-binary @'body file' {server.url}/images/")
    (chutes.cwd / "body file").write_bytes(b"hello")
    subprocess.run(["sh", "-ec", line], check=True, cwd=chutes.cwd, env=chutes.env,
                   capture_output=True, timeout=60)
    check_seen(server, verify, "POST", "/images/", b"hello")


def test_no_secret_anywhere(chutes, sign, config):
    """Not in output, log or JSON, whatever is asked for; nor in what the kernel shows of it."""
    for words in ((), ("--debug",), ("--json", "--debug"), ("--curl", "--url", "/users/me")):
        got = sign("--purpose", "me", *words, check=0)
        assert SEED not in got.out + got.err and SEED[:16] not in got.out + got.err
        signature = re.search("[0-9a-f]{128}", got.out)[0]
        assert signature not in got.err
    process = chutes.start("sign", "--body", "-", stdin=subprocess.PIPE)
    shown = "".join(open(f"/proc/{process.pid}/{name}").read() for name in ("cmdline", "status"))
    assert SEED not in shown
    process.communicate("", timeout=60)
    assert process.returncode == 0
    broken = CONFIG.replace(SEED, SEED[:-1])
    config.write_text(broken)
    got = sign("--purpose", "me", "--debug", check=2)
    assert SEED[:16] not in got.err


def test_help(chutes):
    text = " ".join(chutes("help", "signing", check=0).out.split())
    for words in ("HOTKEY:NONCE:WHAT", "eight lines", "images GET DELETE /images/...",
                  "me GET /users/me", "api.server_key"):
        assert words in text
    rows = json.loads(chutes("help", "--json").out)["commands"]
    assert {"sign", "verify-signature"} <= {row["name"] for row in rows}
