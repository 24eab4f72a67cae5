# SPDX-License-Identifier: MIT
"""chutes auth status, and where API keys come from and go to."""
import pytest
from fake_api import API_KEY, SERVER_KEY, FakeApi, Verifier, reply

SEED = "971c2a6674d0861ade72297d11110ce21c93734210527c8f4c9190c00139ce20"
ADDRESS = "5DCJTfVx3ReNyxW3SgQEKFgvXFuqnK3BNW1vMhTQK4jdZbV4"


@pytest.fixture(scope="module")
def verifier():
    verifier = Verifier()
    yield verifier
    verifier.close()


@pytest.fixture
def api(verifier):
    api = FakeApi(verifier)
    yield api
    api.close()


def put(path, text, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def config(chutes, text):
    return put(chutes.cwd.parent / "config/chutes/config.ini", text)


def key_file(chutes, url, mode=0o600):
    return put(chutes.cwd / "ci.key",
               f"[api]\nbase_url = {url}\nserver_key = {SERVER_KEY}\n[auth]\napi_key = {API_KEY}\n",
               mode)


def status(chutes, *words, **more):
    return chutes("auth", "status", "--json", *words, **more).json["result"]


# --- status


def test_nobody(chutes):
    got = chutes("auth", "status", check=4)
    assert got.out.splitlines() == ["server      https://api.chutes.ai (default)",
                                    "scheme      chutes", "hotkey      none", "API key     none"]
    assert "there is neither a hotkey nor an API key" in got.err
    assert chutes("auth", "status", "--json", check=4).json["result"]["hotkey"] is None
    assert chutes("auth", "whoami").out == got.out == chutes("auth").out


def test_who_signs(chutes):
    path = config(chutes, f"[profile home]\nbase_url = http://127.0.0.1:8600\nscheme = btauth\n"
                          f"server_key = {SERVER_KEY}\nusername = ada\n"
                          f"[client]\nprofile = home\n[auth]\nhotkey_seed = {SEED}\n")
    got = chutes("auth", "status", check=0).out
    assert got.splitlines() == [
        f"server      http://127.0.0.1:8600 (profile {path})", "scheme      btauth",
        f"server key  {SERVER_KEY}", f"hotkey      'auth.hotkey_seed' in {path}, {ADDRESS}",
        "API key     none", "account     ada"]
    assert SEED not in got


def test_a_wallet(chutes):
    chutes("wallet", "new", "--wallet", "me", "--hotkey", "dev", check=0)
    address = chutes("wallet", "show", "me/dev", "--json", check=0).json["result"]["address"]
    got = chutes("auth", "status", "--wallet", "me", "--hotkey", "dev", check=0).out.splitlines()
    path = chutes.home / ".bittensor/wallets/me/hotkeys/dev"
    assert got[2] == f"hotkey      'dev' of wallet 'me', {address} ({path}, mode 0600)"
    for command in (("request",), ("sign",), ("auth", "status"), ("wallet", "new")):
        help = " ".join(chutes(*command, "--help", check=0).out.split())
        assert "(default: wallet.name, then 'default')" in help
        assert "(default: wallet.hotkey, then 'default')" in help


def test_a_seed_file(chutes):
    seed = put(chutes.cwd / "seed", f"0x{SEED}")
    got = status(chutes, env={"CHUTES_HOTKEY_SEED_FILE": str(seed)}, check=0)["hotkey"]
    assert got == {"source": "CHUTES_HOTKEY_SEED_FILE", "path": str(seed), "mode": "0600",
                   "encrypted": False, "usable": True, "problem": None, "address": ADDRESS}


def test_what_cannot_be_used_is_told(chutes):
    config(chutes, f"[api]\nbase_url = http://10.0.0.1\nscheme = chutes\n"
                   f"[auth]\nhotkey_seed = {SEED}\napi_key = {API_KEY}\n")
    got = chutes("auth", "status", check=4)
    assert got.out.count("not usable: ") == 2 and "in plain text" in got.out
    assert "no credential can be used with http://10.0.0.1" in got.err
    config(chutes, "[wallet]\nname = gone\n")
    assert "no such file" in chutes("auth", "status", check=4).out.lower()


def test_online(chutes, api):
    config(chutes, f"[api]\nbase_url = {api.url}\nscheme = chutes\n[auth]\nhotkey_seed = {SEED}\n")
    got = status(chutes, "--online", check=0)["online"]
    assert abs(got.pop("skew_seconds")) < 100
    assert got == {"auth": "hotkey", "username": "alice", "user_id": "3f1c0f1e"}
    api.checks.skew = 500
    got = chutes("auth", "status", "--online", check=0).out
    assert "account     alice 3f1c0f1e, as the server says" in got
    assert "clock       this clock is 8 minutes behind the server's" in got
    api.next(reply(403, {"detail": "no"}), reply(200, b"<html>", content_type="text/html"))
    assert 'answered 403: "no"' in chutes("auth", "status", "--online", check=4).err
    assert "no JSON" in chutes("auth", "status", "--online", check=12).err


# --- API keys


def test_a_key_file_names_its_server(chutes, api):
    path = key_file(chutes, api.url)
    env = {"CHUTES_API_KEY_FILE": str(path)}
    chutes("request", "/users/me", env=env, check=0)
    assert api.seen[0].auth == "key"
    got = status(chutes, env=env, check=0)
    assert got["server"] == {"url": api.url, "origin": "api_key_file", "where": str(path),
                             "scheme": None, "key": SERVER_KEY}
    assert got["api_key"] == {"source": "CHUTES_API_KEY_FILE", "path": str(path), "mode": "0600",
                              "encrypted": False, "usable": True, "problem": None}


def test_a_key_goes_to_no_other_server(chutes, api, verifier):
    other = FakeApi(verifier)
    env = {"CHUTES_API_KEY_FILE": str(key_file(chutes, api.url))}
    got = chutes("request", "/users/me", "--api-url", other.url, env=env, check=4)
    assert f"is for {api.url}, not for {other.url}" in got.err
    chutes("request", "/users/me", "--auth", "key",
           env={**env, "CHUTES_API_URL": other.url}, check=4)
    config(chutes, f"[api]\nbase_url = {other.url}\nscheme = chutes\n")
    chutes("request", "/users/me", env=env, check=4)
    chutes("request", "/users/me", "--dry-run", env=env, check=4)
    # the key of one place in the configuration is not that of another server
    config(chutes, f"[api]\nbase_url = {api.url}\n[auth]\napi_key = {API_KEY}\n")
    chutes("request", "/users/me", "--api-url", other.url, check=4)
    other.close()
    assert not other.seen and not api.seen


def test_a_bare_key_needs_a_server(chutes, api):
    got = chutes("request", "/users/me", "--auth", "key", env={"CHUTES_API_KEY": API_KEY}, check=2)
    assert "nothing says which server CHUTES_API_KEY is for" in got.err
    chutes("request", "/users/me", env={"CHUTES_API_KEY": API_KEY, "CHUTES_API_URL": api.url},
           check=0)
    config(chutes, f"[profile p]\nbase_url = {api.url}\n")
    chutes("request", "/users/me", "--profile", "p", env={"CHUTES_API_KEY": API_KEY}, check=0)
    assert [seen.auth for seen in api.seen] == ["key", "key"]


def test_a_key_in_plain_text(chutes):
    for url in ("http://10.255.255.1", "http://api.test"):
        got = chutes("request", "/users/me", check=4,
                     env={"CHUTES_API_KEY": API_KEY, "CHUTES_API_URL": url})
        assert f"an API key would go to {url} in plain text" in got.err


def test_key_files_that_others_can_read(chutes, api):
    env = {"CHUTES_API_KEY_FILE": str(key_file(chutes, api.url, 0o640))}
    got = chutes("request", "/users/me", env=env, check=4)
    assert "others than you can read the API key in" in got.err and "chmod 600" in got.err
    put(chutes.cwd / "bare", API_KEY)
    got = chutes("request", "/users/me", env={"CHUTES_API_KEY_FILE": "bare"}, check=2)
    assert "base_url = " in got.err and API_KEY not in got.err
    assert not api.seen


def test_two_keys(chutes, api):
    env = {"CHUTES_API_KEY_FILE": str(key_file(chutes, api.url)), "CHUTES_API_KEY": API_KEY}
    assert "both give an API key" in chutes("request", "/users/me", env=env, check=2).err


def test_a_project_does_not_say_who_gets_a_key(chutes, api):
    """It names a profile, which is enough for the profile's own keys."""
    config(chutes, f"[profile p]\nbase_url = {api.url}\n")
    put(chutes.cwd / "chute.yaml", "version: 1\nname: hello\nprofile: p\n"
        "server: {command: [a], port: 9000}\nimage: {name: hello, base: {debian: bookworm}}\n"
        "cords: [{function: f, public: GET /f, forward: GET /f}]\n")
    origins = chutes("config", "list", "--show-origin", check=0)
    assert api.url in origins.out and not origins.err
    env = {"CHUTES_API_KEY": API_KEY}
    got = chutes("request", "/users/me", env=env, check=2)
    assert "nothing says which server CHUTES_API_KEY is for" in got.err and not api.seen
    chutes("request", "/users/me", "--profile", "p", env=env, check=0)
    assert api.seen[0].auth == "key"


BROKEN = "version: 1\nname: [\n"


@pytest.mark.parametrize("words", [
    ("request", "/users/me"), ("request", "/users/me", "--dry-run"), ("auth", "status", "--online"),
    ("sign", "--purpose", "me")])
def test_a_project_that_does_not_load_is_not_guessed(chutes, api, words):
    """It may name another profile than what is signed and sent without it."""
    config(chutes, f"[api]\nbase_url = {api.url}\nscheme = chutes\n[auth]\nhotkey_seed = {SEED}\n"
                   f"[profile p]\nbase_url = {api.url}\nscheme = chutes\n")
    put(chutes.cwd / "chute.yaml", BROKEN)
    got = chutes(*words, check=3)
    assert "error: whether chute.yaml names a profile is not known: " in got.err
    assert "name the profile with --profile, or with -C a directory without" in got.err
    assert not api.seen and not got.out
    assert chutes(*words, "-f", "missing.yaml", check=5).err.startswith("error: whether")
    chutes("-C", "/", *words, check=0)
    chutes(*words, "--profile", "p", check=0)
    chutes(*words, env={"CHUTES_PROFILE": "p"}, check=0)
    # the server is said: no profile changes it
    if words[0] == "request":
        said = "warning: whether chute.yaml names a profile is not known: "
        key = {"CHUTES_API_KEY_FILE": str(key_file(chutes, api.url))}
        assert said in chutes(*words, "--api-url", api.url, env=key, check=0).err
        assert said in chutes(*words, env={"CHUTES_API_URL": api.url, **key}, check=0).err


def test_a_project_that_does_not_load_is_told_where_nothing_is_sent(chutes):
    config(chutes, f"[auth]\nhotkey_seed = {SEED}\n")
    put(chutes.cwd / "chute.yaml", BROKEN)
    for words in (("auth", "status"), ("config", "list"), ("wallet", "list")):
        assert "warning: whether chute.yaml names a profile is not known: " in \
            chutes(*words, check=0).err


def test_a_helper(chutes, api):
    helper = put(chutes.cwd / "helper", "#!/bin/sh\ncat > asked; echo \"$@\" >> asked\n"
                                        f"echo password={API_KEY}\n", 0o700)
    config(chutes, f"[profile p]\nbase_url = {api.url}\ncredential_helper = {helper} $(touch x);y\n")
    chutes("request", "/users/me", "--profile", "p", check=0)
    assert api.seen[0].auth == "key"
    assert (chutes.cwd / "asked").read_text() == \
        f"protocol=http\nhost=127.0.0.1:{api.port}\n\n$(touch x);y get\n"
    assert not (chutes.cwd / "x").exists()
    # asked for no other server, and not before it is needed
    (chutes.cwd / "asked").unlink()
    chutes("request", "/users/me", "--profile", "p", "--api-url", "http://127.0.0.1:1", check=4)
    chutes("request", "/users/me", "--profile", "p", "--dry-run", check=0)
    chutes("request", "/ping", "--profile", "p", check=0)
    assert not (chutes.cwd / "asked").exists()
    put(helper, "#!/bin/sh\nexit 1\n", 0o700)
    assert "it ended with status 1" in chutes("request", "/users/me", "--profile", "p", check=4).err
    put(helper, "#!/bin/sh\nprintf 'password=a\\tb\\n'\n", 0o700)
    assert "has a byte that none has" in chutes("request", "/users/me", "--profile", "p",
                                                check=4).err


def test_a_helper_from_where_we_stand(chutes, api):
    put(chutes.cwd / "helper", f"#!/bin/sh\necho password={API_KEY}\n", 0o700)
    for command in ("./helper", "sub/helper x", "../helper", "~other/helper"):
        config(chutes, f"[profile p]\nbase_url = {api.url}\ncredential_helper = {command}\n")
        got = chutes("request", "/users/me", "--profile", "p", check=2)
        assert f"'auth.credential_helper' cannot be '{command}'" in got.err
        assert "a program by its path from / or ~/ on, or by a name that PATH has" in got.err
    config(chutes, f"[profile p]\nbase_url = {api.url}\ncredential_helper = helper x\n")
    got = chutes("request", "/users/me", "--profile", "p", check=4)
    assert "program 'helper' not found" in got.err and not api.seen
    chutes("request", "/users/me", "--profile", "p", check=0,
           env={"PATH": f"{chutes.cwd}:{chutes.env['PATH']}"})
    put(chutes.home / "helper", f"#!/bin/sh\necho password={API_KEY}\n", 0o700)
    config(chutes, f"[profile p]\nbase_url = {api.url}\ncredential_helper = ~/helper x\n")
    chutes("request", "/users/me", "--profile", "p", check=0)
    assert [seen.auth for seen in api.seen] == ["key", "key"]


def test_netrc_is_for_who_asks_for_it(chutes, api):
    put(chutes.home / ".netrc", f"machine 127.0.0.1 login x password {API_KEY}\n")
    words = ["request", "/users/me", "--api-url", api.url]
    chutes(*words, check=4)
    chutes(*words, "--netrc", check=0)
    chutes(*words, env={"CHUTES_NETRC": "1"}, check=0)
    chutes(*words, env={"CHUTES_NETRC": "0"}, check=4)
    assert [seen.auth for seen in api.seen] == ["key", "key"]
    assert status(chutes, "--netrc", "--api-url", api.url, check=0)["api_key"]["mode"] == "0600"
    (chutes.home / ".netrc").chmod(0o644)
    assert "others than you can read" in chutes(*words, "--netrc", check=4).err


def test_which_credential_is_needed(chutes, api):
    config(chutes, f"[api]\nbase_url = {api.url}\nscheme = chutes\n[auth]\nhotkey_seed = {SEED}\n")
    got = chutes("request", "GET", "/jobs/1", check=4)
    assert "needs an API key: no signature is known to be accepted there" in got.err
    assert "needs an API key, and there is none" in chutes("request", "/users/me", "--auth", "key",
                                                           check=4).err
    chutes("request", "GET", "/jobs/1", check=0, env={"CHUTES_API_KEY": API_KEY})
    config(chutes, f"[api]\nbase_url = {api.url}\n[auth]\nhotkey_seed = {SEED}\n")
    assert "scheme" in chutes("request", "/users/me", check=4).err
    config(chutes, f"[api]\nbase_url = {api.url}\nscheme = btauth\n[auth]\nhotkey_seed = {SEED}\n")
    assert "key" in chutes("request", "/users/me", check=4).err  # the server's is not known
    assert [seen.auth for seen in api.seen] == ["key"]
