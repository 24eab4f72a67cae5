# SPDX-License-Identifier: MIT
"""chutes doctor: every fault is found with its remedy, and what works is not complained about."""
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import time

import pytest
from harness import PATH, PROGRAM

SEED = "fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
PUBLIC = "46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"
ADDRESS = "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
OTHER = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"  # Substrate's //Alice
OTHER_PUBLIC = "d43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"
SPEC = """\
version: 1
name: hello
server: {command: [a], port: 9000}
image: {name: hello, base: {debian: bookworm}}
cords: [{function: f, public: GET /f, forward: GET /f}]
"""
PROGRAMS = ("sh", "crun", "mmdebstrap", "apt-get", "apt-config", "pasta", "python3")


def put(path, text, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def key_file(seed=SEED, public=PUBLIC, address=ADDRESS):
    return json.dumps({"accountId": f"0x{public}", "publicKey": f"0x{public}",
                       "secretSeed": f"0x{seed}", "ss58Address": address})


def public_file(public=PUBLIC, address=ADDRESS):
    return json.dumps({"accountId": f"0x{public}", "publicKey": f"0x{public}",
                       "ss58Address": address})


@pytest.fixture
def config(chutes):
    folder = chutes.cwd.parent / "config/chutes"
    folder.mkdir(parents=True, mode=0o700)
    return folder


@pytest.fixture
def wallet(chutes):
    """A hotkey 'dev' of the wallet 'me', as the wallet library writes it."""
    folder = chutes.home / ".bittensor/wallets/me/hotkeys"
    put(folder / "dev", key_file())
    put(folder / "devpub.txt", public_file())
    return folder


@pytest.fixture
def programs(chutes):
    """A PATH of links to programs; returns the folder."""
    folder = chutes.cwd.parent / "bin"
    folder.mkdir()
    for name in PROGRAMS:
        if where := shutil.which(name, path=PATH):
            (folder / name).symlink_to(where)
    chutes.env["PATH"] = str(folder)
    return folder


def look(chutes, *checks, code=0, words=(), **more):
    """What these checks say: name -> check, and the findings."""
    only = ["--only", ",".join(checks)] if checks else []
    got = chutes("doctor", "--json", *only, *words, check=code, **more).json
    assert got["ok"] == (code == 0)
    assert got["schema"] == "chutes.doctor/v1"
    return {check["name"]: check for check in got["result"]["checks"]}, got["findings"]


def the(findings, code):
    """The one finding there is."""
    assert [finding["code"] for finding in findings] == [code], findings
    return findings[0]


def script(path, text):
    path.unlink(missing_ok=True)
    return put(path, f"#!/bin/sh\n{text}\n", 0o755)


# --- as a whole

def test_a_healthy_machine(chutes, config, wallet):
    put(config / "config.ini", f"[wallet]\nname = me\nhotkey = dev\n[auth]\n"
                               f"username = ada\nhotkey_ss58address = {ADDRESS}\n", 0o644)
    put(chutes.cwd / "chute.yaml", SPEC)
    names = ["python", "libraries", "spec", "config", "wallets", "hotkey", "proxy", "lent"]
    checks, findings = look(chutes, *names)
    assert findings == []
    assert {name: check["status"] for name, check in checks.items()} == dict.fromkeys(names, "ok")
    assert checks["hotkey"]["summary"] == f"hotkey 'dev' of wallet 'me': {ADDRESS}"
    assert checks["wallets"]["summary"].startswith("1 wallet with 1 hotkey in ~/.bittensor")
    assert checks["spec"]["summary"].endswith("'hello' is valid")


def test_an_empty_home(chutes):
    names = ["spec", "wallets", "hotkey", "server"]
    checks, findings = look(chutes, *names)
    assert findings == []
    assert {name: check["status"] for name, check in checks.items()} == \
        dict.fromkeys(names, "absent")
    assert not list(chutes.home.iterdir())  # nothing was made


def test_text(chutes, config, programs):
    put(config / "config.ini", "[api]\nbase_url = http://127.0.0.1:1\n", 0o664)
    (programs / "crun").unlink(missing_ok=True)
    (programs / "mmdebstrap").unlink(missing_ok=True)
    chutes.env["CHUTES_RUNTIME"] = "crun"  # some machines have runc, too
    got = chutes("doctor", "--only", "runtime,debian,config", check=15)
    lines = got.out.splitlines()
    assert lines[0].startswith("chutes ") and ", Linux " in lines[0]
    assert lines[1].startswith("error    runtime     OCI runtime 'crun' not found") and "[D141]" in got.out
    assert "                       install one: apt-get install crun" in lines
    assert any(line.startswith("warning  config      ") for line in lines)
    assert lines[-1].endswith("apt-get install crun mmdebstrap")
    assert all(len(line) <= 80 for line in lines[1:-1] if "/" not in line)
    assert got.err.startswith("error: 2 errors found\n")
    quiet = chutes("doctor", "-q", "--only", "runtime,debian,config", check=15)
    assert quiet.out.startswith("error    runtime") and "config" not in quiet.out
    strict = chutes("doctor", "--strict", "--only", "config", check=4)
    assert strict.out.splitlines()[1].startswith("error    config")


def test_which_checks(chutes):
    got = chutes("doctor", "--only", "runtim", check=2)
    assert "there is no check 'runtim'" in got.err and "did you mean 'runtime'?" in got.err
    assert "there are: runtime, namespaces" in chutes("doctor", "--only", "xyz", check=2).err
    checks, _ = look(chutes, "spec", "python")
    assert list(checks) == ["python", "spec"]


def test_annotations(chutes):
    put(chutes.cwd / "chute.yaml", "version: 1\n")
    got = chutes("doctor", "--only", "spec", "--github", check=3)
    assert "::error title=D191::" in got.err


# --- settings and modes

def test_an_unknown_key(chutes, config):
    put(config / "config.ini", "[api]\nbase_ulr = x\n")
    found = the(look(chutes, "config", code=2)[1], "D101")
    assert "config.ini:2: unknown key 'base_ulr'" in found["message"]
    assert found["hint"] == "did you mean 'base_url'?"
    checks, _ = look(chutes, "server", "wallets")  # what depends on it says so, once is enough
    assert checks["server"]["summary"] == "not asked: the settings cannot be read"


def test_a_profile_that_is_not_there(chutes):
    found = the(look(chutes, "config", code=2, words=["--profile", "none"])[1], "D101")
    assert "there is no profile 'none'" in found["message"]


def test_secrets_that_others_can_read(chutes, config):
    credentials = put(config / "credentials", "[auth]\napi_key = cpk_1\n", 0o644)
    found = the(look(chutes, "config", code=4)[1], "D102")
    assert "others than you can read '" in found["message"] and "(mode 0644)" in found["message"]
    assert f"chmod go= {credentials}" in found["hint"]
    assert credentials.stat().st_mode & 0o777 == 0o644
    got = chutes("doctor", "--fix", "--only", "config", "--json", check=0)
    assert got.json["result"]["checks"][0]["fixed"] == [
        f"the mode of '{credentials}' is 0600, it was 0644"]
    assert credentials.stat().st_mode & 0o777 == 0o600
    assert "cpk_1" not in got.out + got.err
    assert look(chutes, "config")[1] == []


def test_settings_that_others_can_change(chutes, config):
    file = put(config / "config.ini", "[wallet]\nname = me\n", 0o664)
    found = the(look(chutes, "config")[1], "D103")  # a group may be ours alone
    assert found["severity"] == "warning" and "chmod go-w" in found["hint"]
    file.chmod(0o666)
    config.chmod(0o777)
    findings = look(chutes, "config", code=4)[1]
    assert [(f["code"], f["severity"]) for f in findings] == [("D103", "error")] * 2
    text = chutes("doctor", "--fix", "--only", "config", check=0).out
    assert text.count("fixed: the mode of") == 2
    assert file.stat().st_mode & 0o777 == 0o644 and config.stat().st_mode & 0o777 == 0o755
    config.chmod(0o1777)  # as /tmp
    assert look(chutes, "config")[1] == []
    named = put(chutes.cwd / "other.ini", "[wallet]\nname = me\n", 0o644)
    chutes.cwd.chmod(0o777)  # a folder that is not the configuration's is not for --fix
    found = the(look(chutes, "config", code=2, words=["--fix", "--config-path", named])[1], "D101")
    assert "chmod o-w" in found["hint"] and chutes.cwd.stat().st_mode & 0o777 == 0o777


def test_what_is_not_ours_is_not_repaired(chutes, config):
    if os.geteuid() != 0:
        pytest.skip("needs root to give a file away")
    file = put(config / "credentials", "[auth]\napi_key = cpk_1\n", 0o644)
    os.chown(file, 12345, 12345)
    found = the(look(chutes, "config", code=4, words=["--fix"])[1], "D102")
    assert "belongs to somebody else" in found["message"]
    assert file.stat().st_mode & 0o777 == 0o644


# --- keys

def test_a_key_file_that_others_can_read(chutes, wallet):
    (wallet / "dev").chmod(0o640)
    found = the(look(chutes, "wallets", code=4)[1], "D102")
    assert "~/.bittensor/wallets/me/hotkeys/dev" in found["message"]
    checks, findings = look(chutes, "hotkey", env={"CHUTES_WALLET": "me", "CHUTES_HOTKEY": "dev"})
    assert findings == [] and "while others can read it" in checks["hotkey"]["summary"]
    checks, findings = look(chutes, "wallets", words=["--fix"])
    assert findings == [] and len(checks["wallets"]["fixed"]) == 1
    assert (wallet / "dev").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [
    key_file(address=OTHER), key_file(public=OTHER_PUBLIC), key_file(seed="0" * 63), "{}", "x"])
def test_a_key_file_that_cannot_be_right(chutes, wallet, content):
    put(wallet / "dev", content)
    got = chutes("doctor", "--json", "--only", "wallets", check=4)
    found = the(got.json["findings"], "D111")
    assert "hotkeys/dev" in found["message"] and found["hint"]
    assert SEED not in got.out + got.err


def test_files_of_two_keys(chutes, wallet):
    put(wallet / "devpub.txt", public_file(OTHER_PUBLIC, OTHER))
    assert "is of another key" in the(look(chutes, "wallets", code=4)[1], "D111")["message"]
    put(wallet / "dev", SEED)  # whose it is, only the seed itself tells
    found = the(look(chutes, "wallets", code=4)[1], "D112")
    assert ADDRESS in found["message"] and OTHER in found["message"]


def test_the_hotkey(chutes, config, wallet):
    named = {"CHUTES_WALLET": "me", "CHUTES_HOTKEY": "none"}
    found = the(look(chutes, "hotkey", code=4, env=named)[1], "D113")
    assert "hotkeys/none" in found["message"]
    put(config / "config.ini", f"[wallet]\nname = me\nhotkey = dev\n"
                               f"[auth]\nhotkey_ss58address = {OTHER}\n")
    found = the(look(chutes, "hotkey", code=4)[1], "D113")
    assert ADDRESS in found["message"] and OTHER in found["message"]
    put(config / "config.ini", "")
    put(config / "credentials", f"[auth]\nhotkey_seed = {SEED}\n")
    checks, findings = look(chutes, "hotkey")
    assert findings == [] and checks["hotkey"]["summary"].endswith(ADDRESS)
    seed = put(chutes.cwd / "seed", SEED, 0o644)
    env = {"CHUTES_HOTKEY_SEED_FILE": str(seed)}
    the(look(chutes, "hotkey", code=4, env=env)[1], "D102")
    checks, _ = look(chutes, "hotkey", env=env, words=["--fix"])
    assert checks["hotkey"]["summary"].endswith(ADDRESS)


def test_an_encrypted_key_is_left_alone(chutes, wallet):
    put(wallet / "dev", "$NACL" + "x" * 200)
    checks, findings = look(chutes, "hotkey", env={"CHUTES_WALLET": "me", "CHUTES_HOTKEY": "dev"})
    assert findings == [] and "encrypted: not looked into" in checks["hotkey"]["summary"]


# --- the network

NO_PROXY = dict.fromkeys([name for word in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
                          for name in (word, word.upper())])


@pytest.mark.parametrize("value", ["http://", "ftp://proxy:1", "http://a b", "proxy:80x", ":80"])
def test_what_is_no_proxy(chutes, value):
    found = the(look(chutes, "proxy", code=11, env={**NO_PROXY, "https_proxy": value})[1], "D121")
    assert "is no address of a proxy" in found["message"]


def test_proxies(chutes):
    env = {**NO_PROXY, "https_proxy": "http://me:s3cret@proxy.example:3128/", "no_proxy": "a.b"}
    checks, findings = look(chutes, "proxy", env=env)
    assert findings == []
    assert checks["proxy"]["summary"] == (
        "https_proxy=http://proxy.example:3128, no_proxy=a.b; https://api.chutes.ai is reached "
        "through one")
    for exempt in ("*", "chutes.ai", ".chutes.ai", "x,api.chutes.ai", "x chutes.ai"):
        checks, _ = look(chutes, "proxy", env={**env, "no_proxy": exempt})
        assert checks["proxy"]["summary"].endswith("without one"), exempt
    for other in ("hutes.ai", "i.chutes.ai", "api.chutes.ai.x"):
        checks, _ = look(chutes, "proxy", env={**env, "no_proxy": other})
        assert checks["proxy"]["summary"].endswith("through one"), other
    for good in ("proxy", "proxy:80", "socks5h://proxy:1080", "http://[::1]:80", "http://[::1]"):
        assert look(chutes, "proxy", env={**NO_PROXY, "all_proxy": good})[1] == []
    found = the(look(chutes, "proxy", env={**env, "HTTPS_PROXY": "http://x"})[1], "D122")
    assert "https_proxy and HTTPS_PROXY differ" in found["message"]
    assert look(chutes, "proxy", env=NO_PROXY)[0]["proxy"]["summary"] == "none is set"


class Server:
    """Answers /ping with a status and a date of its choice, and remembers what was asked."""

    def __init__(self):
        outer = self
        self.status, self.date, self.asked = 200, None, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path, dict(self.headers)))
                body = b'{"message":"pong"}'
                self.send_response_only(outer.status)
                if outer.date is not False:
                    self.send_header("Date", self.date_time_string(outer.date))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def server(chutes):
    s = Server()
    chutes.env.update({"CHUTES_API_URL": s.url})
    yield s
    s.server.shutdown()
    s.server.server_close()


def test_a_good_server(chutes, config, server):
    put(config / "config.ini", f"[api]\nbase_url = {server.url}\nscheme = chutes\n")
    put(config / "credentials", f"[auth]\napi_key = cpk_secret\nhotkey_seed = {SEED}\n")
    checks, findings = look(chutes, "server", env={"CHUTES_API_URL": None})
    assert findings == []
    assert re.fullmatch(r"http://127.0.0.1:\d+ answers in \d+ ms, clocks agree, requests signed as "
                        r"chutes", checks["server"]["summary"])
    [(path, headers)] = server.asked
    assert path == "/ping"
    assert not {"authorization", "x-chutes-hotkey", "x-chutes-signature"} & set(map(str.lower, headers))


@pytest.mark.parametrize("away, code, status, words", [
    (290, 0, None, ""), (320, 0, "warning", "behind"), (-320, 0, "warning", "ahead"),
    (590, 0, "warning", "behind"), (620, 4, "error", "behind"), (-86400 * 3, 4, "error", "3 days ahead")])
def test_clocks(chutes, config, server, away, code, status, words):
    put(config / "config.ini", f"[api]\nbase_url = {server.url}\nscheme = chutes\n")
    server.date = time.time() + away
    checks, findings = look(chutes, "server", code=code, env={"CHUTES_API_URL": None})
    if not status:
        assert findings == []
        return
    found = the(findings, "D133")
    assert checks["server"]["status"] == status and words in found["message"]
    assert "timedatectl" in found["hint"]


def test_a_server_without_a_date_and_with_a_fault(chutes, config, server):
    put(config / "config.ini", f"[api]\nbase_url = {server.url}\nscheme = chutes\n")
    server.date, server.status = False, 503
    checks, findings = look(chutes, "server", env={"CHUTES_API_URL": None})
    assert "answers with status 503" in the(findings, "D132")["message"]
    assert "does not say its time" in checks["server"]["summary"]


def test_a_server_that_cannot_be_signed_for(chutes, server):
    found = the(look(chutes, "server")[1], "D134")
    assert found["hint"]


def test_nobody_listens(chutes, port):
    findings = look(chutes, "server", code=11, env={"CHUTES_API_URL": f"http://127.0.0.1:{port}"})[1]
    assert findings[0]["code"] == "D131" and "--only proxy" in findings[0]["hint"]


def test_what_nobody_configured_is_not_asked(chutes):
    """Not even by who has no network: nothing hangs."""
    checks, findings = look(chutes, "server")
    assert findings == [] and "is not asked; --online does" in checks["server"]["summary"]
    env = {**NO_PROXY, "https_proxy": "http://127.0.0.1:1"}
    the(look(chutes, "server", code=11, words=["--online"], env=env)[1], "D131")


# --- this machine

def test_programs_that_are_missing(chutes, programs):
    for name in programs.iterdir():
        name.unlink()
    chutes.env["CHUTES_RUNTIME"] = "crun"
    checks, findings = look(chutes, "runtime", "container", "network", "debian", "python", code=15)
    assert [finding["code"] for finding in findings] == ["D141", "D151", "D161", "D201"]
    assert checks["container"]["status"] == "absent"
    got = chutes("doctor", "--json", "--only", "runtime,debian", env={"CHUTES_RUNTIME": "xyz"}, check=15)
    assert "'xyz' not found" in got.json["findings"][0]["message"]
    assert "apt" in got.json["findings"][1]["message"]


def test_packages(chutes, programs):
    for name in ("crun", "mmdebstrap", "pasta"):
        (programs / name).unlink(missing_ok=True)
    chutes.env["CHUTES_RUNTIME"] = "crun"
    got = chutes("doctor", "--json", "--only", "runtime,network,debian", check=15).json
    assert got["result"]["packages"] == ["crun", "passt", "mmdebstrap"]


def test_a_runtime_that_fails(chutes, programs):
    script(programs / "crun", "echo broken >&2; exit 3")
    found = the(look(chutes, "runtime", code=15)[1], "D141")
    assert "broken" in found["message"]
    script(programs / "crun", 'case "$1" in --version) echo crun version 9;; *) echo no >&2; exit 1;; esac')
    checks, findings = look(chutes, "runtime", "container", code=15)
    assert checks["runtime"]["summary"].endswith("crun version 9")
    the(findings, "D144")


def test_a_container(chutes):
    checks, findings = look(chutes, "namespaces", "container")
    assert findings == [] or [f["code"] for f in findings] == ["D143"]
    assert checks["container"]["status"] == "ok"
    assert "ran on overlayfs" in checks["container"]["summary"]
    data = chutes.cwd.parent / "data"
    assert not list(chutes.cwd.parent.glob(".chutes-doctor*")) and not data.exists()
    chutes("images", check=0)  # makes the store
    look(chutes, "container")
    assert not list((data / "chutes/store/tmp").iterdir())


def test_a_way_outside_that_fails(chutes, programs):
    script(programs / "pasta", "echo no tun >&2; exit 1")
    checks, findings = look(chutes, "network")
    assert "no tun" in the(findings, "D151")["message"]
    assert checks["network"]["status"] == "warning"


def test_no_device_for_a_way_outside(chutes):
    devices = 'mount -t tmpfs t "$T"; touch "$T/null"; mount --bind /dev/null "$T/null"; ' \
              'mount --rbind "$T" /dev'
    _, findings = elsewhere(chutes, devices, "network")
    assert the(findings, "D151")["hint"].startswith("run 'modprobe tun' as root")


def test_authorities_that_are_not_there(chutes):
    found = the(look(chutes, "lent", code=15, env={"SSL_CERT_FILE": "/nonexistent.pem"})[1], "D152")
    assert "/nonexistent.pem" in found["message"]


def test_details_for_who_asks(chutes):
    env = {**NO_PROXY, "http_proxy": "http://u:p4ss@proxy:1"}
    named = chutes("doctor", "--only", "lent", env=env, check=0).out
    assert "variable: http_proxy=http://proxy:1" in named and "p4ss" not in named


def test_a_spec_with_errors(chutes):
    put(chutes.cwd / "chute.yaml", "version: 1\nname: x\n")
    found = the(look(chutes, "spec", code=3)[1], "D191")
    assert re.search(r"has \d+ errors? and 0 warnings", found["message"])
    assert found["hint"] == "'chutes validate' shows them"
    found = the(look(chutes, "spec", code=3, words=["-f", "none.yaml"])[1], "D191")
    assert "none.yaml" in found["message"]


def test_python(chutes, programs):
    script(programs / "python3", "echo 3.9.2")
    found = the(look(chutes, "python")[1], "D201")
    assert "is Python 3.9.2; 'chutes import' needs 3.10" in found["message"]
    script(programs / "python3", "echo 3.10.0")
    assert look(chutes, "python")[1] == []
    found = the(look(chutes, "python", env={"CHUTES_PYTHON": "nopython"})[1], "D201")
    assert found["hint"] == "correct CHUTES_PYTHON"


def test_a_store_that_is_none(chutes):
    put(chutes.cwd / "other/file", "x")
    found = the(look(chutes, "store", code=1, words=["--store", "other"])[1], "D182")
    assert "other" in found["message"]


# --- what another machine has: in a user and mount namespace of its own

def elsewhere(chutes, prepare, *checks, user="--map-root-user", last="exec"):
    """The findings where `prepare` was done, in a folder $T."""
    folder = chutes.cwd / "elsewhere"
    folder.mkdir(exist_ok=True)
    words = ["unshare", "--user", *user.split(), "--mount", "sh", "-ec",
             f'{prepare}\n{last} "$@"', "sh", str(PROGRAM), "doctor", "--json", "--only",
             ",".join(checks)]
    done = subprocess.run(words, env={**chutes.env, "T": str(folder)}, cwd=chutes.cwd,
                          capture_output=True, text=True, timeout=60)
    if not done.stdout:
        pytest.skip(f"no namespaces here: {done.stderr}")
    got = json.loads(done.stdout)
    return {check["name"]: check for check in got["result"]["checks"]}, got["findings"]


@pytest.mark.parametrize("size, status", [("64m", "error"), ("2g", "warning"), ("6g", "ok")])
def test_a_full_disk(chutes, size, status):
    chutes.env["CHUTES_STORE"] = str(chutes.cwd / "elsewhere/store")
    checks, findings = elsewhere(chutes, f'mount -t tmpfs -o size={size} t "$T"', "store")
    assert checks["store"]["status"] == status
    if status != "ok":
        assert "are free on the disk" in the(findings, "D181")["message"]


def test_a_gpu_that_is_half_there(chutes):
    devices = 'mount -t tmpfs t "$T"; touch "$T/null" "$T/nvidia3" "$T/nvidiactl"; ' \
              'mount --bind /dev/null "$T/null"; mount --rbind "$T" /dev'
    checks, findings = elsewhere(chutes, devices, "gpu")
    assert checks["gpu"]["summary"].startswith("1 GPU")
    codes = [finding["code"] for finding in findings]
    assert codes in (["D171", "D172"], ["D172"])  # some machines have the library
    assert "nvidia-ctk cdi generate" in findings[-1]["hint"]


def test_no_keys_of_debian(chutes):
    if not shutil.which("mmdebstrap", path=PATH):
        pytest.skip("no mmdebstrap")
    checks, findings = elsewhere(chutes, "mount -t tmpfs t /usr/share/keyrings", "debian")
    assert "debian-archive-keyring" in the(findings, "D161")["hint"]
    assert checks["debian"]["status"] == "warning"


def test_a_library_that_is_missing(chutes):
    hide = "for f in /usr/lib/*/libisal.so.2 /usr/lib/libisal.so.2; do " \
           "[ ! -e $f ] || mount --bind /dev/null $(realpath $f); done"
    _, findings = elsewhere(chutes, hide, "libraries")
    assert the(findings, "D202")["hint"] == "install it: apt-get install libisal2"


def test_no_namespaces(chutes):
    forbid = "echo 0 >/proc/sys/user/max_user_namespaces"
    drop = "exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin"
    _, findings = elsewhere(chutes, forbid, "namespaces", "container", last=drop)
    found = the(findings, "D142")
    assert found["hint"] == "run 'sysctl -w user.max_user_namespaces=10000' as root"


def test_one_id(chutes):
    checks, findings = elsewhere(chutes, ":", "namespaces", user="--map-user=1000 --map-group=1000")
    found = the(findings, "D143")
    assert checks["namespaces"]["summary"] == "user namespace with one id"
    assert "uidmap" in found["message"] + found["hint"] or "usermod" in found["hint"]
