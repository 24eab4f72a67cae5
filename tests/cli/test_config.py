# SPDX-License-Identifier: MIT
"""chutes config: settings, who says them, and that secrets stay secret."""
import configparser
import json
import os
import re
import subprocess
import time

import pytest
from harness import PROGRAM

SEED = "971c2a6674d0861ade72297d11110ce21c93734210527c8f4c9190c00139ce20"
ADDRESS = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
# as the Python client's `register` writes it
LEGACY = f"""[api]
base_url = http://127.0.0.1:8999

[auth]
username = alice
user_id = 3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a01
hotkey_seed = {SEED}
hotkey_name = main
hotkey_ss58address = {ADDRESS}

[payment]
address = {ADDRESS}
"""
SPEC = """\
version: 1
name: hello
server: {command: [a], port: 9000}
image: {name: hello, base: {debian: bookworm}}
cords: [{function: f, public: GET /f, forward: GET /f}]
"""


def put(path, text, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


@pytest.fixture
def user(chutes):
    return chutes.cwd.parent / "config/chutes/config.ini"


@pytest.fixture
def legacy(chutes):
    return put(chutes.home / ".chutes/config.ini", LEGACY)


def settings(chutes, *words, **more):
    got = chutes("config", "list", "--json", *words, check=0, **more).json["result"]["settings"]
    return {row["name"]: row for row in got}


def test_nothing_is_configured(chutes):
    assert chutes("config", "list", check=0).out.splitlines() == [
        "NAME            VALUE",
        "client.profile  default",
        "api.base_url    https://api.chutes.ai",
        "api.scheme      chutes",
        f"wallet.path     {chutes.home}/.bittensor/wallets"]
    assert chutes("config", "list", "-q", check=0).out.split()[1] == "api.base_url"


def test_the_environment_wins_over_files(chutes, legacy):
    """The Python client lets its file win."""
    assert settings(chutes)["api.base_url"]["value"] == "http://127.0.0.1:8999"
    got = settings(chutes, env={"CHUTES_API_URL": "http://127.0.0.1:1"})["api.base_url"]
    assert got == {"name": "api.base_url", "value": "http://127.0.0.1:1", "secret": False,
                   "origin": "environment", "where": "CHUTES_API_URL", "line": None}


def test_the_option_for_the_file_has_an_effect(chutes, legacy):
    """In the Python client it has none."""
    other = put(chutes.cwd / "other.ini", LEGACY.replace("alice", "bob"))
    for words, env in ((["--config-path", "other.ini"], {}),
                       ([], {"CHUTES_CONFIG_PATH": str(other)})):
        got = settings(chutes, *words, env=env)
        assert got["auth.username"]["value"] == "bob"
        assert got["auth.username"]["origin"] == "user"
    missing = chutes("config", "list", "--config-path", "none.ini", check=5)
    assert missing.err.startswith("error: there is no configuration 'none.ini'\n")


def test_origins(chutes, user, legacy):
    put(user, "[client]\nprofile = home\n[profile home]\nbase_url = http://127.0.0.1:8600\n")
    lines = chutes("config", "list", "--show-origin", "--plain", "--no-header",
                   env={"CHUTES_WALLET": "w"}, check=0).out.splitlines()
    assert [line.split("\t") for line in lines] == [
        ["client.profile", "home", f"user {user}:2"],
        ["api.base_url", "http://127.0.0.1:8600", f"profile {user}:4"],
        ["auth.hotkey_seed", "<redacted>", f"legacy {legacy}:7"],
        ["auth.hotkey_name", "main", f"legacy {legacy}:8"],
        ["auth.hotkey_ss58address", ADDRESS, f"legacy {legacy}:9"],
        ["wallet.name", "w", "environment CHUTES_WALLET"],
        ["wallet.path", f"{chutes.home}/.bittensor/wallets", "default"]]


def test_secrets_are_never_shown(chutes, user, legacy):
    key = "cpk_0123456789"
    assert key not in repr(chutes("config", "set", "auth.api_key", "-", input=key + "\n", check=0))
    for words in (["list", "--show-origin"], ["list", "--json"], ["list", "--debug"],
                  ["get", "auth.hotkey_seed", "--json"], ["path", "--json"], ["migrate"]):
        shown = repr(chutes("config", *words))
        assert key not in shown and SEED not in shown, words
    refused = chutes("config", "get", "auth.hotkey_seed", check=4)
    assert "a secret, which is never shown" in refused.err and SEED not in refused.err
    argv = chutes("config", "set", "auth.api_key", key, check=2)
    assert "others can see what stands on a command line" in argv.err and key not in argv.err
    put(user, f"[auth]\nhotkey_seed = {SEED}x\n")
    assert SEED not in repr(chutes("config", "list", check=2))
    put(user, f"{SEED}\n")
    assert SEED not in repr(chutes("config", "list", check=2))


def test_ways_to_give_a_secret(chutes, user):
    credentials = user.with_name("credentials")
    put(chutes.cwd / "key.txt", "from-file\n")
    for words, more in ((["-"], {"input": "from-stdin\n"}), (["@key.txt"], {}),
                        (["--from-env", "KEY"], {"env": {"KEY": "from-env"}})):
        got = chutes("config", "set", "auth.api_key", *words, check=0, **more)
        assert got.out == f"{credentials}\n"
        assert credentials.read_text().split()[-1].startswith("from-")
    assert credentials.read_text() == "[auth]\napi_key = from-env\n"
    assert credentials.stat().st_mode & 0o7777 == 0o600
    assert credentials.parent.stat().st_mode & 0o7777 == 0o700
    nobody = chutes("config", "set", "auth.api_key", check=2)
    assert nobody.err == ("error: there is nobody to ask for API key\n  = help: give it with '-' for "
                          "standard input, '@FILE', or --from-env\n")
    assert "needs one value" in chutes("config", "set", "wallet.name", "a", "--from-env", "KEY",
                                       check=2).err
    assert "variable 'NONE' is not set" in chutes("config", "set", "auth.api_key", "--from-env",
                                                  "NONE", check=2).err
    too_long = chutes("config", "set", "auth.api_key", "-", input="x" * 8193, check=2)
    assert "'auth.api_key' has more than 8192 bytes" in too_long.err
    chutes("config", "set", "auth.api_key", "fd:0", input="k\r\n", check=0)
    assert credentials.read_text() == "[auth]\napi_key = k\n"


def test_set_get_unset(chutes, user):
    put(user, "# mine\n\n[wallet]   ; the usual one\nname = old\n", 0o644)
    got = chutes("config", "set", "wallet.name", "me", check=0)
    assert got.out == f"{user}\n" and got.err == ""
    assert user.read_text() == "# mine\n\n[wallet]   ; the usual one\nname = me\n"
    assert user.stat().st_mode & 0o777 == 0o644
    assert chutes("config", "get", "wallet.name", check=0).out == "me\n"
    json_form = chutes("config", "set", "wallet.name", "you", "--profile", "p", "--json", check=0)
    assert json_form.json["result"] == {"name": "wallet.name", "profile": "p", "dry_run": False,
                                        "file": str(user)}
    assert chutes("config", "get", "wallet.name", "--profile", "p").out == "you\n"
    assert chutes("config", "unset", "wallet.name", check=0).out == f"{user}\n"
    none = chutes("config", "get", "wallet.name", check=5)
    assert none.err == ("error: 'wallet.name' is not set\n"
                        "  = help: 'chutes config set wallet.name' sets it\n")
    again = chutes("config", "unset", "wallet.name", "--json", check=5).json["error"]
    assert again["code"] == "not_found"
    warned = chutes("config", "set", "wallet.name", "me", env={"CHUTES_WALLET": "x"}, check=0)
    assert warned.err == "warning: the variable CHUTES_WALLET wins over it\n"


@pytest.mark.parametrize("name,near", [("api.baseurl", "api.base_url"), ("base_url", "api.base_url"),
                                       ("wallets_path", "wallet.path")])
def test_settings_that_are_not(chutes, name, near):
    for words in (["get", name], ["set", name, "x"], ["unset", name]):
        got = chutes("config", *words, check=2)
        assert got.err == (f"error: there is no setting '{name}'\n"
                           f"  = help: did you mean '{near}'?\n")


def test_mistakes_have_a_place(chutes, user):
    put(user, "[api]\n\nbase_ulr = http://h\n")
    got = chutes("config", "list", check=2)
    assert got.out == "" and got.err == (f"error: {user}:3: unknown key 'base_ulr' in '[api]'\n"
                                         "  = help: did you mean 'base_url'?\n")


def test_files_of_secrets_are_private(chutes, user, legacy):
    legacy.chmod(0o644)
    got = chutes("config", "list", check=0)
    assert got.err == (f"warning: others than you can read the secret in '{legacy}':"
                       f" run 'chmod 600 {legacy}'\n")
    credentials = put(user.with_name("credentials"), "[auth]\napi_key = k\n", 0o640)
    refused = chutes("config", "list", check=4)
    assert refused.err.endswith(f"  = help: run 'chmod 600 {credentials}'\n")
    # setting a value repairs it
    chutes("config", "set", "auth.api_key", "-", input="l", check=0)
    assert chutes("config", "list").code == 0


def test_migrate(chutes, user, legacy):
    got = chutes("config", "migrate", check=0)
    credentials = user.with_name("credentials")
    assert got.out == f"{user}\n{credentials}\n" and got.err == f"kept   {legacy}\n"
    assert SEED not in user.read_text() and SEED in credentials.read_text()
    assert legacy.read_text() == LEGACY
    before = settings(chutes)
    legacy.unlink()
    after = settings(chutes)
    assert before == after and after["payment.address"]["value"] == ADDRESS
    assert chutes("config", "migrate", check=6).err.startswith(
        "error: there is a configuration already: ")


def test_path(chutes, user, legacy):
    assert chutes("config", "path", check=0).out == f"{user}\n"
    assert chutes("config", "path", "--json").json["result"] == {
        "path": str(user), "exists": False, "credentials": str(user.with_name("credentials")),
        "legacy": str(legacy)}
    got = chutes("config", "path", "--json", env={"CHUTES_CONFIG_PATH": "x.ini"}).json["result"]
    assert got == {"path": "x.ini", "exists": False, "credentials": None, "legacy": None}
    nowhere = chutes("config", "path", env={"HOME": None, "XDG_CONFIG_HOME": None}, check=15)
    assert nowhere.err.endswith("  = help: set HOME or XDG_CONFIG_HOME\n")


def test_a_project_names_a_profile_and_nothing_else(chutes, user):
    put(user, "[profile team]\nbase_url = http://team\n[profile own]\nbase_url = http://own\n")
    put(chutes.cwd / "chute.yaml", SPEC + "profile: team\n")
    below = chutes.cwd / "below"
    below.mkdir()
    got = settings(chutes, cwd=below)
    assert got["api.base_url"]["value"] == "http://team"
    assert got["client.profile"]["origin"] == "project"
    for more in ({"env": {"CHUTES_PROFILE": "own"}}, {}):
        words = [] if more else ["--profile", "own"]
        assert settings(chutes, *words, **more)["api.base_url"]["value"] == "http://own"
    put(chutes.cwd / "chute.yaml", SPEC + "profile: unknown\n")
    assert "there is no profile 'unknown', which chute.yaml names" in chutes("config", "list",
                                                                            check=5).err
    names = [row.split()[0] for row in chutes("config", "list", "-q", "--profile", "own",
                                              "--api-url", "http://h").out.splitlines()]
    for key in {*names, "base_url", "api_url", "server_key", "scheme", "api_key", "hotkey_seed",
                "hotkey_seed_file", "api_key_file", "wallets_path", "proxy"}:
        put(chutes.cwd / "chute.yaml", SPEC + f"{key}: http://evil\n")
        assert "E110" in chutes("validate", check=3).err, key
        assert "evil" not in chutes("config", "list", "--show-origin", check=0).out


def test_a_broken_project_is_told(chutes):
    put(chutes.cwd / "chute.yaml", "version: 1\nname: [\n")
    got = chutes("config", "list", check=0)
    assert got.err.startswith("warning: whether chute.yaml names a profile is not known: ")
    assert chutes("config", "list", "--profile", "default", check=0).err == ""
    (chutes.cwd / "chute.yaml").unlink()
    assert chutes("config", "list", check=0).err == ""
    assert "cannot open 'other.yaml'" in chutes("config", "list", "-f", "other.yaml", check=0).err


# Python's own reader of such files is the judge
FORMS = [
    "[auth]\nusername = a\n",
    "[auth]\nusername: a = b\n",
    "[AUTH]\nx=1\n[auth]\nUserName=a  \n",
    "[DEFAULT]\nusername = d\n[auth]\nuser_id = 1\n",
    "[DEFAULT]\nusername = d\n",
    "[auth]\nusername = 5%% and %(user_id)s\nuser_id = 7\n",
    "[auth]\nusername = %(nothing)s\n",
    "[auth]\nusername = 5%\n",
    "[auth]\nusername = a ; b # c\n",
    "[auth]\n  username = a\n  user_id = b\n",
    "[auth]\nx = b\n  username = a\n",
    "[auth]\n# username = a\n;user_id = b\n",
    "[auth]\r\nusername = a\r\n",
    "[auth]\rusername = a\r",
    "[auth] x\nusername = a\n",
    "[auth]\nusername\n",
    "username = a\n",
    "[auth]\nusername = a\nusername = b\n",
    "[auth]\nusername = a\n[auth]\nuser_id = b\n",
    "[auth]\nusername =\n",
    "[auth]\nusername = \"a\"\n",
    "[auth]\nusername = über\n",
    "[auth\nusername = a\n",
    "[auth]]\nusername = a\n",
    "[auth]\n = a\n",
    "",
]


@pytest.mark.parametrize("text", FORMS)
def test_reads_what_python_reads(chutes, text):
    path = chutes.home / ".chutes/config.ini"
    path.parent.mkdir()
    path.write_bytes(text.encode())
    parser = configparser.ConfigParser()
    want = None
    try:
        parser.read(path, encoding="utf-8")
        want = parser.get("auth", "username", fallback=None) or None
    except configparser.Error:
        chutes("config", "list", check=2)
        return
    got = chutes("config", "get", "auth.username", "--json", env={"CHUTES_API_URL": None})
    # what has no address is the hosted platform's
    assert got.code == (0 if want else 5)
    assert not want or got.json["result"]["value"] == want


def test_what_is_written_python_reads(chutes, user):
    for name, value in (("auth.username", "5% of ; # x"), ("wallet.path", "~/a b")):
        chutes("config", "set", name, value, check=0)
    parser = configparser.ConfigParser()
    parser.read(user)
    assert parser.get("auth", "username") == "5% of ; # x"
    assert parser.get("wallet", "path") == "~/a b"


def test_many_writers_lose_nothing(chutes, user):
    names = [f"p{i}" for i in range(12)]
    writers = [chutes.start("config", "set", "wallet.name", "w", "--profile", name)
               for name in names]
    for writer in writers:
        assert writer.wait(30) == 0
    assert user.read_text().count("wallet = w") == len(names)
    assert sorted(os.listdir(user.parent)) == ["config.ini"]


def test_a_full_disk_changes_nothing(chutes, user):
    put(user, "[wallet]\nname = old\n")
    # no file may grow: as a full disk, it is told
    done = subprocess.run(["bash", "-c", f"ulimit -f 0; exec {PROGRAM} config set wallet.name new"],
                          env=chutes.env, cwd=chutes.cwd, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "File too large" in done.stderr
    assert user.read_text() == "[wallet]\nname = old\n"
    assert os.listdir(user.parent) == ["config.ini"]


def test_a_kill_loses_nothing(chutes, user):
    put(user, "# mine\n[wallet]\nname = w\n[auth]\nusername = me\n")
    for i in range(40):
        before = user.read_text()
        writer = chutes.start("config", "set", "wallet.name", f"w{i}")
        time.sleep(i / 8000)
        writer.kill()
        writer.wait()
        after = re.sub("name = w\\d*\n", f"name = w{i}\n", before, count=1)
        assert user.read_text() in (before, after)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "fifo", "loop", ".", "file/x"])
def test_what_is_no_file_is_refused(chutes, path):
    os.mkfifo(chutes.cwd / "fifo")
    os.symlink("loop", chutes.cwd / "loop")
    put(chutes.cwd / "file", "")
    for words in (["list"], ["set", "wallet.name", "w"]):
        got = chutes("config", *words, "--config-path", path, timeout=30)
        assert got.code in (1, 5, 6) and path.split("/")[0] in got.err, got.err
    assert (chutes.cwd / "file").read_text() == ""


def test_completion(chutes, user):
    put(user, "[profile team]\n[profile tram]\n")

    def offered(*words):
        out = chutes("__complete", "--describe", "--", *words, check=0).out
        return [line.split("\t")[0] for line in out.splitlines()]

    assert offered("config", "list", "--profile", "te") == ["team"]
    assert offered("config", "set", "wallet.") == ["wallet.name", "wallet.hotkey", "wallet.path"]
    assert offered("config", "m") == ["migrate"]


def test_help_has_every_setting(chutes):
    text = chutes("help", "settings", check=0).out
    rows = json.loads(chutes("help", "--json").out)["variables"]
    for name in ("client.profile", "api.base_url", "auth.api_key", "payment.address"):
        assert name in text
    assert {"CHUTES_PROFILE", "CHUTES_API_URL", "CHUTES_CONFIG_PATH"} <= {r["name"] for r in rows}


def test_dry_run(chutes, user, legacy):
    """Everything is checked, nothing is written, not even a directory."""
    got = chutes("config", "set", "wallet.name", "me", "-n", check=0)
    assert got.out == f"would write {user}\n" and not user.parent.exists()
    got = chutes("config", "migrate", "--dry-run", check=0)
    assert got.out == f"would write {user}\nwould write {user.with_name('credentials')}\n"
    assert not user.parent.exists()
    assert chutes("config", "migrate", "-n", "--json", check=0).json["result"]["dry_run"] is True
    assert "'auth.user_id' cannot be" in chutes("config", "set", "auth.user_id", "\t", "-n", check=2).err
    assert "there is no profile" in chutes("config", "set", "client.profile", "x", "-n", check=5).err
    assert "is not set in" in chutes("config", "unset", "wallet.name", "-n", check=5).err
    put(user, "[wallet]\nname = me\n")
    assert chutes("config", "unset", "wallet.name", "-n", check=0).out == f"would write {user}\n"
    assert user.read_text() == "[wallet]\nname = me\n"
    assert "there is a configuration already" in chutes("config", "migrate", "-n", check=6).err
    got = chutes("config", "set", "wallet.name", "you", "--dry-run", "--json", check=0).json
    assert got["result"]["dry_run"] is True and user.read_text() == "[wallet]\nname = me\n"
