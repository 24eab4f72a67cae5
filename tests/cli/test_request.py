# SPDX-License-Identifier: MIT
"""chutes request against a server that verifies every signature."""
import hashlib
import json
import os
import pty
import select
import subprocess

import pytest
from fake_api import API_KEY, KEPT, N_ITEMS, SERVER_KEY, FakeApi, Verifier, reply

SEED = "971c2a6674d0861ade72297d11110ce21c93734210527c8f4c9190c00139ce20"
ADDRESS = "5DCJTfVx3ReNyxW3SgQEKFgvXFuqnK3BNW1vMhTQK4jdZbV4"


@pytest.fixture(scope="module")
def verifier():
    verifier = Verifier()
    yield verifier
    verifier.close()


def configure(chutes, api, scheme, **more):
    folder = chutes.cwd.parent / "config/chutes"
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"[api]\nbase_url = {api.url}\nscheme = {scheme}\nserver_key = {SERVER_KEY}\n[auth]\n"]
    lines += [f"{name} = {value}\n" for name, value in more.items()]
    (folder / "config.ini").write_text("".join(lines))
    (folder / "credentials").write_text(f"[auth]\nhotkey_seed = {SEED}\n")
    (folder / "credentials").chmod(0o600)


@pytest.fixture(params=["chutes", "btauth"])
def api(request, chutes, verifier):
    """The server, and a user who has a hotkey; once for each scheme."""
    api = FakeApi(verifier, request.param)
    configure(chutes, api, request.param)
    yield api
    api.close()


@pytest.fixture
def btauth(chutes, verifier):
    """The same with our own server's scheme only."""
    api = FakeApi(verifier, "btauth")
    configure(chutes, api, "btauth")
    yield api
    api.close()


@pytest.fixture
def platform(chutes, verifier):
    """The same with the hosted platform's scheme only."""
    api = FakeApi(verifier)
    configure(chutes, api, "chutes")
    yield api
    api.close()


def signature(seen):
    return seen.header("X-Chutes-Signature") or seen.header("X-Bittensor-Signature")


def nonce(seen):
    return seen.header("X-Chutes-Nonce") or seen.header("X-Bittensor-Nonce")


# --- signatures


@pytest.mark.parametrize("method, path", [
    ("GET", "/users/me"), ("GET", "/chutes/?limit=1&name=a%20b+c"), ("GET", "/images/a%2Fb"),
    ("DELETE", "/secrets/../x/./y"), ("POST", "/chutes/"), ("PUT", "/jobs/1"),
    ("PATCH", "/x")])
def test_every_signature_holds(chutes, api, method, path):
    chutes("request", method, path, check=0)
    seen, = api.seen
    assert (seen.method, seen.target, seen.auth) == (method, path, "hotkey")
    assert api.checks.n_verified == 1
    assert (seen.header("X-Chutes-Hotkey") or seen.header("X-Bittensor-Hotkey")) == ADDRESS


def test_the_signature_of_head(chutes, btauth):
    """The hosted platform knows none."""
    chutes("request", "HEAD", "/chutes/", check=0)
    assert (btauth.seen[0].method, btauth.checks.n_verified) == ("HEAD", 1)


@pytest.mark.parametrize("data", ["{}", '{"a": "ä"}', "x" * 100_000])
@pytest.mark.parametrize("way", ["text", "file", "stdin"])
def test_bodies_are_signed(chutes, api, tmp_path, data, way):
    (tmp_path / "body").write_text(data)
    word = {"text": data, "file": f"@{tmp_path}/body", "stdin": "-"}[way]
    got = chutes("request", "/secrets/", "-d", word, input=data if way == "stdin" else None,
                 check=0)
    seen, = api.seen
    assert (seen.method, seen.auth, seen.length) == ("POST", "hotkey", len(data.encode()))
    assert seen.body == data.encode()[:KEPT]
    assert seen.body_hash == hashlib.sha256(data.encode()).hexdigest()
    assert seen.header("Content-Type") == "application/json"
    assert json.loads(got.out)["length"] == seen.length


def test_an_empty_body_is_signed_as_one(chutes, api, tmp_path):
    (tmp_path / "empty").touch()
    chutes("request", "POST", "/x", check=0)
    chutes("request", "POST", "/x", "-d", f"@{tmp_path}/empty", check=0)
    assert [seen.header("Content-Length") for seen in api.seen] == ["0", "0"]


def test_a_big_file_needs_no_memory(chutes, api, tmp_path):
    """1 GiB of holes, in an address space of 256 MiB more than the program's."""
    size = 1 << 30
    with open(tmp_path / "big", "wb") as f:
        f.truncate(size)
    script = f"ulimit -v {512 * 1024}; exec {chutes.program} request PUT /x -d @{tmp_path}/big"
    if "ASAN_OPTIONS" in os.environ:  # which needs terabytes of it
        script = script.partition(";")[2]
    done = subprocess.run(["sh", "-c", script], env=chutes.env, capture_output=True, text=True,
                          timeout=240, cwd=chutes.cwd)
    assert done.returncode == 0, done.stderr
    seen, = api.seen
    assert (seen.length, seen.auth) == (size, "hotkey")


def test_a_purpose_that_is_said(chutes, platform):
    got = chutes("request", "/somewhere", "--purpose", "me", check=4)
    assert "Either payload_str or purpose must be provided" in got.err  # by this server
    got = chutes("request", "/users/me", "--purpose", "chutes", check=4)
    assert "Invalid request signature" in got.err
    got = chutes("request", "/users/me", "--purpose", "a" * 64 + ":1", check=2)
    assert "is no purpose" in got.err and len(platform.seen) == 2


def test_what_is_sent_besides(chutes, platform):
    configure(chutes, platform, "chutes", user_id="u-1")
    chutes("request", "POST", "/images/", "-H", "X-A: b, c", "-H", "Accept: text/plain",
           "-H", "Content-Type: text/x", "-d", "x", check=0)
    seen, = platform.seen
    assert seen.header("X-Chutes-UserID") == "u-1"
    assert seen.header("X-Chutes-Version") == "0.6.9"
    assert (seen.header("X-A"), seen.header("Accept")) == ("b, c", "text/plain")
    assert seen.header("Content-Type") == "text/x"


@pytest.mark.parametrize("header", ["Authorization: Bearer x", "host: a", "Content-Length: 1",
                                    "X-Chutes-Signature: 00", "x-bittensor-nonce: 1"])
def test_headers_that_are_ours(chutes, api, header):
    got = chutes("request", "/users/me", "-H", header, check=2)
    assert "cannot be set" in got.err and not api.seen


# --- retries


@pytest.mark.parametrize("first", [
    reply(503), reply(429, Retry_After="0"), reply(502, b"<html>"), reply(504), reply(408),
    reply(kind="reset"), reply(503, Retry_After="1")], ids=lambda r: f"{r.status}{r.kind}")
def test_a_retry_is_signed_anew(chutes, api, first):
    api.next(first, first)
    chutes("request", "GET", "/users/me", check=0, timeout=120)
    assert len(api.seen) == 3 and api.checks.n_verified == 3
    assert len({signature(seen) for seen in api.seen}) == 3
    if api.checks.scheme == "btauth":
        assert len({nonce(seen) for seen in api.seen}) == 3


def test_a_body_is_sent_again_whole(chutes, api, tmp_path):
    (tmp_path / "body").write_bytes(os.urandom(3 << 20))
    api.next(reply(503, Retry_After="0"))
    chutes("request", "PUT", "/x", "-d", f"@{tmp_path}/body", check=0)
    chutes("request", "PUT", "/x", "-d", "-", input="abc", check=0)
    assert api.seen[0].body_hash == api.seen[1].body_hash
    assert api.seen[0].length == 3 << 20
    assert signature(api.seen[0]) != signature(api.seen[1])


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize("first", [reply(503), reply(kind="reset")], ids=["503", "reset"])
def test_what_may_happen_twice_is_sent_once(chutes, api, method, first):
    api.next(first)
    got = chutes("request", method, "/x")
    assert got.code == (12 if first.kind == "plain" else 11)
    assert len(api.seen) == 1


def test_retries_end(chutes, api):
    api.next(*[reply(503, {"detail": "later"}, Retry_After="0")] * 9)
    got = chutes("request", "/users/me", "--retries", "2", check=12)
    assert 'answered 503: "later" (3 attempts)' in got.err and len(api.seen) == 3
    chutes("request", "/users/me", "--retries", "0", check=12)
    assert len(api.seen) == 4
    assert "--retries must be 0 to 100" in chutes("request", "/x", "--retries", "101", check=2).err


def test_nobody_waits_for_an_hour(chutes, api):
    api.next(reply(429, {"detail": "slow down"}, Retry_After="3600"))
    got = chutes("request", "/users/me", check=7)
    assert "the server asks to wait for 3600 seconds" in got.err and len(api.seen) == 1


def test_timeout_is_for_everything(chutes, api):
    api.next(reply(503, Retry_After="50"))
    chutes("request", "/users/me", "--timeout", "5s", check=12)
    api.next(reply(200, b"x", kind="silent"))
    assert "took longer than" in chutes("request", "/users/me", "--timeout", "1s", check=9).err


# --- failures


@pytest.mark.parametrize("status, code", [(400, 2), (401, 4), (402, 7), (403, 4), (404, 5), (409, 6),
                                          (422, 3), (429, 7), (500, 12), (501, 12)])
def test_the_status_is_the_exit_status(chutes, api, status, code):
    api.next(reply(status, {"detail": "why\x1b[31m not\n"}, X_Request_ID="r-7"))
    got = chutes("request", "POST", "/x", check=code)
    assert json.loads(got.out) == {"detail": "why\x1b[31m not\n"}  # to a pipe as it is
    assert f'error: POST /x answered {status}: "why\\u001b[31m not\\n"' in got.err
    assert f"  while: POST {api.url}/x   request-id r-7" in got.err
    assert "\x1b" not in got.err


def test_a_list_of_faults_is_readable(chutes, api):
    api.next(reply(422, {"detail": [{"type": "missing", "loc": ["body", "items", 0, "name"],
                                     "msg": "Field required"}]}))
    got = chutes("request", "POST", "/chutes/", "-d", "{}", check=3)
    assert '"body.items.0.name: Field required"' in got.err


def test_a_failure_as_json(chutes, api):
    got = chutes("request", "GET", "/missing", "--json", "--auth", "none", check=5).json
    assert (got["schema"], got["ok"]) == ("chutes.request/v1", False)
    assert got["error"]["http_status"] == 404 and got["error"]["request_id"] == "r-1"
    assert got["error"]["exit_code"] == 5
    assert got["result"]["json"] == {"detail": "no such thing"}


@pytest.mark.parametrize("ahead", [3600, -3600])
def test_clocks_that_differ(chutes, api, ahead):
    api.checks.skew = ahead
    got = chutes("request", "/users/me", check=4)
    side = "behind" if ahead > 0 else "ahead of"
    assert f"this clock is 60 minutes {side} the server's: set it" in got.err
    assert len(api.seen) == 1  # and its clock is not taken for ours


def test_redirects_are_answers(chutes, verifier, api):
    other = FakeApi(verifier, api.checks.scheme)
    for status in (301, 302, 307, 308):
        api.next(reply(status, b"", Location=f"{other.url}/users/me"))
        got = chutes("request", "/users/me", check=1)
        assert f'answered {status} and points to "{other.url}/users/me"' in got.err
    other.close()
    assert not other.seen


def test_answers_that_break_off(chutes, api):
    for kind in ("reset-body", "short"):
        api.next(*[reply(200, b"0123", kind=kind, content_type="text/plain")])
        got = chutes("request", "POST", "/x", check=11)
        assert got.out == "0123" and "broke" in got.err or "reset" in got.err
    api.next(reply(200, b"0123", kind="short", content_type="text/plain"))
    chutes("request", "GET", "/users/me", check=11)  # what was shown is not asked for again
    assert len(api.seen) == 3


def test_a_refusal_before_the_body_was_read(chutes, api, tmp_path):
    (tmp_path / "big").write_bytes(bytes(8 << 20))
    api.next(reply(413, {"detail": "too big"}, kind="early"))
    got = chutes("request", "POST", "/x", "-d", f"@{tmp_path}/big")
    assert got.code in (2, 11)  # its answer may be lost when it closes the connection


def test_slow_answers_arrive(chutes, api):
    api.next(reply(200, b"slowly", kind="slow", content_type="text/plain"))
    assert chutes("request", "POST", "/x", check=0).out == "slowly"


# --- output


def test_bodies_of_any_size_pass_through(chutes, api, tmp_path):
    size = 300 << 20
    chutes("request", "GET", f"/bytes/{size}", "--auth", "none", "-o", tmp_path / "out", check=0)
    assert (tmp_path / "out").stat().st_size == size
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("out")] == ["out"]
    got = chutes("request", "GET", "/bytes/5", "--auth", "none", "--json", "-o", tmp_path / "o")
    assert got.json["result"] == {"status": 200, "content_type": "application/octet-stream",
                                  "file": str(tmp_path / "o"), "bytes": 5}


def test_a_refusal_is_not_saved(chutes, api, tmp_path):
    (tmp_path / "out").write_text("before")
    got = chutes("request", "GET", "/missing", "--auth", "none", "-o", tmp_path / "out", check=5)
    assert (tmp_path / "out").read_text() == "before"
    assert json.loads(got.out) == {"detail": "no such thing"}
    api.next(reply(200, b"0123", kind="short"))
    chutes("request", "GET", "/x", "--auth", "none", "-o", tmp_path / "out", check=11)
    assert (tmp_path / "out").read_text() == "before"
    assert not list(tmp_path.glob("out?*"))


def on_terminal(chutes, *words):
    """What a terminal sees of standard output."""
    master, slave = pty.openpty()
    process = subprocess.Popen([chutes.program, *map(str, words)], env=chutes.env, cwd=chutes.cwd,
                               stdout=slave, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    os.close(slave)
    shown = b""
    while select.select([master], [], [], 60)[0]:
        try:
            piece = os.read(master, 65536)
        except OSError:
            break
        shown += piece
    os.close(master)
    _, err = process.communicate(timeout=60)
    return process.returncode, shown.decode().replace("\r\n", "\n"), err.decode()


def test_a_terminal(chutes, api):
    api.next(reply(200, {"a": ["\x1b[31m"]}), reply(200, "t\x1b[1mx\u202e\n".encode(),
             content_type="text/plain"), reply(200, b"\x00\x01", content_type="image/png"))
    assert on_terminal(chutes, "request", "/users/me")[1] == '{\n  "a": [\n    "\\u001b[31m"\n  ]\n}\n'
    assert on_terminal(chutes, "request", "/users/me")[1] == "t\\x1b[1mx\\xe2\\x80\\xae\n"
    code, shown, err = on_terminal(chutes, "request", "/users/me")
    assert (code, shown) == (2, "") and "save it with -o FILE" in err


def test_include(chutes, api):
    got = chutes("request", "GET", "/ping", "--auth", "none", "-i", check=0)
    head, _, body = got.out.partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK\n") and "Content-Type: application/json" in head
    assert json.loads(body)["target"] == "/ping"
    got = chutes("request", "GET", "/ping", "--auth", "none", "-i", "--json", check=0).json
    assert "Content-Type: application/json" in got["result"]["headers"]


@pytest.mark.parametrize("query, n", [("", N_ITEMS), ("?limit=7", N_ITEMS), ("?limit=60", N_ITEMS),
                                      ("?page=1&limit=50", 10), ("?limit=0", N_ITEMS)])
def test_pages(chutes, api, query, n):
    got = json.loads(chutes("request", f"/chutes/{query}", "--paginate", check=0).out)
    assert got["total"] == N_ITEMS
    assert [item["chute_id"] for item in got["items"]] == [f"c{i}" for i in range(N_ITEMS)][-n:]
    assert len(got["cord_refs"]) == len(api.seen)
    assert api.checks.n_verified == len(api.seen)


def test_pages_that_are_none(chutes, api):
    got = chutes("request", "/users/me", "--paginate", check=12)
    assert "/users/me is no list with pages" in got.err
    assert "--paginate is for GET" in chutes("request", "POST", "/x", "--paginate", check=2).err
    api.next(reply(200), reply(500, {"detail": "d"}))
    chutes("request", "/chutes/", "--paginate", check=12)


# --- what is asked


def test_methods_and_paths(chutes, api):
    for words, want in [(["/users/me"], "GET"), (["users/me"], "GET"), (["-X", "put", "/users/me"], "PUT"),
                        (["delete", "/secrets/x"], "DELETE"), ([f"{api.url}/users/me"], "GET"),
                        (["/users/me", "-d", "{}"], "POST"), (["-X", "PUT", "/x", "-d", ""], "PUT")]:
        chutes("request", *words, check=0)
        assert api.seen[-1].method == want
    assert api.seen[1].target == api.seen[4].target == "/users/me"
    for ending, target in (("", "/"), ("?a=b", "/?a=b")):
        chutes("request", api.url + ending, "--auth", "none", check=0)
        assert api.seen[-1].target == target
    assert "has a byte 0x23" in chutes("request", f"{api.url}#a", check=2).err


@pytest.mark.parametrize("words, code, message", [
    (["GET"], 2, "a path is missing behind 'GET'"),
    (["FETCH", "/x"], 2, "'FETCH' is no method"),
    (["-X", "GET", "GET", "/x"], 2, "METHOD and --method exclude each other"),
    (["/a b"], 2, "has a byte 0x20"),
    (["/a#b"], 2, "has a byte 0x23"),
    (["https://evil.example/users/me?token=s"], 4, "'https://evil.example/users/me' is not on "),
    (["/x", "-d", "@/dev/zero"], 2, "--data: '/dev/zero' is a device, and no file"),
    (["/x", "-d", "@/nonexistent"], 5, "--data: cannot open '/nonexistent'"),
])
def test_what_cannot_be_asked(chutes, api, words, code, message):
    got = chutes("request", *words, check=code)
    assert message in got.err and "token" not in got.err
    assert not api.seen


def test_a_host_that_begins_the_same_is_another_one(chutes, api):
    for url in ("http://u:s3cret@{host}/", "http://u:s3/cret@{host}/x", "http:u:s3?cret@{host}"):
        got = chutes("request", url.format(host=api.url.partition("//")[2]), check=4)
        assert "is not on" in got.err and "leave out what stands in front of '@'" in got.err
        assert "s3" not in got.err and "cret" not in got.err.replace("credential", "")
    for url in (f"{api.url}1/x", f"{api.url}.evil/x", f"{api.url}@evil/x"):
        chutes("request", url, check=4)
    assert not api.seen


def test_a_dry_run_signs_nothing(chutes, api, tmp_path):
    body = '{"a": 1}'
    got = chutes("request", "POST", "/chutes/?a=b", "-d", body, "--dry-run", check=0).out
    assert got.splitlines() == [
        "method: POST", f"url: {api.url}/chutes/?a=b", "auth: hotkey",
        f"credential: 'auth.hotkey_seed' in {chutes.cwd.parent}/config/chutes/credentials",
        f"scheme: {api.checks.scheme}", "Content-Type: application/json", "X-Chutes-Version: 0.6.9",
        "body_bytes: 8", f"body_sha256: {hashlib.sha256(body.encode()).hexdigest()}"]
    result = chutes("request", "/users/me", "--dry-run", "--json", check=0).json["result"]
    assert result["auth"] == "hotkey" and result["headers"] == []
    assert not api.seen


# --- answers that are none


def test_another_protocol_is_no_answer(chutes, platform):
    platform.next(reply(101, {"detail": "other words"}))
    got = chutes("request", "/users/me", "--json", check=11)
    assert "changes to a protocol that nobody asked for" in got.err
    assert len(platform.seen) == 1


def test_an_endless_answer_that_nobody_sees(chutes, platform):
    """A refusal that is asked again after is dropped, but not for ever."""
    platform.next(reply(503, b"x" * (64 * 1024 * 1024 + 1)))
    got = chutes("request", "/users/me", check=12)
    assert "longer than the limit of 67108864 bytes" in got.err
    assert len(platform.seen) == 1


def test_a_file_that_says_it_is_empty(chutes, platform):
    chutes("request", "PUT", "/x", "-d", "@/proc/version", check=0)
    with open("/proc/version", "rb") as file:
        assert platform.seen[0].body == file.read()


# --- secrets


def test_no_secret_is_shown(chutes, api, tmp_path):
    key = tmp_path / "ci.key"
    key.write_text(f"[api]\nbase_url = {api.url}\n[auth]\napi_key = {API_KEY}\n")
    key.chmod(0o600)
    env = {"CHUTES_API_KEY_FILE": str(key)}
    said = []
    for auth in ("hotkey", "key"):
        for words in (["/users/me?token=t0ken", "--debug"], ["/users/me", "--json", "-i"],
                      ["/users/me", "--dry-run", "--debug"]):
            got = chutes("request", *words, "--auth", auth, env=env, check=0)
            said.append(got.out + got.err)
    said += [chutes("auth", "status", *more, "--debug", env=env, check=0).err
             for more in ([], ["--online"], ["--json"])]
    secrets = [SEED, API_KEY, "t0ken"] + [signature(seen) for seen in api.seen if signature(seen)]
    assert len(secrets) > 4
    assert not [s for s in secrets for text in said if s in text]
    assert any("Signature: <redacted>" in text for text in said)
    assert any("Authorization: <redacted>" in text for text in said)
