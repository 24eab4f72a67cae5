# SPDX-License-Identifier: MIT
"""chutes wallet new, list, show, import: what is written, what is refused, what is never lost."""
import json
import os
import signal
import stat
import subprocess
import time

import pytest
from harness import PROGRAM, ROOT, wait_for
from terminal import Terminal

PHRASE = "old leopard transfer rib spatial phone calm indicate online fire caution review"
ADDRESS = "5HDvhV6WDCjCKyrXqGQSDYqQAzkzabNhctmiDYEqgBC66BsX"
SEED = "da3cf5b1e9144931a0f0db65664aab662673b099415a7f8121b7245fb0be4143"
ALICE = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"
LOST = "--overwrite replaces it, which without its words loses it"
GOLDEN = {row["file"]: row for row in
          json.loads((ROOT / "tests/vectors/wallet/files.json").read_text())["files"]}
EXPORTS = json.loads((ROOT / "tests/vectors/wallet/key_files.json").read_text())["polkadotjs_v3"]


@pytest.fixture
def root(chutes):
    return chutes.home / ".bittensor/wallets"


def put(path, content, mode=0o600):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def modes(root):
    return {str(path.relative_to(root)): stat.S_IMODE(path.stat().st_mode)
            for path in sorted(root.rglob("*"))}


def words_in(text):
    """Lines that are 12 to 24 words."""
    lines = [line.strip() for line in text.splitlines()]
    return [line for line in lines if len(line.split()) in (12, 15, 18, 21, 24) and
            line.replace(" ", "").isalpha() and line.islower()]


# --- new


def test_new(chutes, root):
    got = chutes("wallet", "new", "--wallet", "me", "--hotkey", "dev", check=0)
    words = words_in(got.err)
    saved = json.loads((root / "me/hotkeys/dev").read_text())
    assert words == [saved["secretPhrase"]] and len(words[0].split()) == 12
    assert got.out == saved["ss58Address"] + "\n"
    assert "warning: whoever reads this output has the words of the key" in got.err
    assert "warning: no coldkey was made: there is no password for it" in got.err
    assert modes(root) == {"me": 0o700, "me/hotkeys": 0o700, "me/hotkeys/dev": 0o600,
                           "me/hotkeys/devpub.txt": 0o600}
    again = chutes("wallet", "new", "--wallet", "me", "--hotkey", "dev", check=6)
    assert again.err.startswith("error: hotkey 'dev' of wallet 'me' exists already: ")
    assert LOST in again.err and not words_in(again.err)
    other = chutes("wallet", "new", "--wallet", "me", "--hotkey", "dev", "--overwrite", check=0)
    assert other.out != got.out
    assert json.loads((root / "me/hotkeys/dev").read_text())["ss58Address"] == other.out.strip()


def test_new_without_names(chutes, root):
    chutes("wallet", "new", "--no-coldkey", check=0)
    assert (root / "default/hotkeys/default").exists()
    chutes("wallet", "new", "--no-coldkey", env={"CHUTES_WALLET": "w", "CHUTES_HOTKEY": "h"}, check=0)
    assert (root / "w/hotkeys/h").exists()


@pytest.mark.parametrize("n", [12, 15, 18, 21, 24])
def test_counts_of_words(chutes, root, n):
    got = chutes("wallet", "new", "--words", n, "--no-coldkey", check=0)
    assert [len(words.split()) for words in words_in(got.err)] == [n]


def test_a_count_that_there_is_not(chutes):
    assert "--words' must be 12, 15, 18, 21 or 24, not '13'" in chutes(
        "wallet", "new", "--words", "13", check=2).err


def test_new_with_a_coldkey(chutes, root):
    got = chutes("wallet", "new", "--wallet", "me", "--hotkey", "a", "--password-file", "-",
                 input="long enough\n", check=0)
    assert len(words_in(got.err)) == 2 and len(set(words_in(got.err))) == 2
    assert (root / "me/coldkey").read_bytes().startswith(b"$NACL")
    before = (root / "me/coldkey").read_bytes()
    more = chutes("wallet", "new", "--wallet", "me", "--hotkey", "b", "--json", check=0)
    assert more.json["result"]["coldkey"] is None and more.json["warnings"][1:] == []
    assert "kept   the coldkey of wallet 'me'" in more.err
    assert len(words_in(more.err)) == 1 and not words_in(more.out)
    assert (root / "me/coldkey").read_bytes() == before


def test_the_password_in_the_environment(chutes, root):
    from base64 import b64encode
    path = str(root / "me/coldkey")
    name = "BT_PW_" + path.replace("/", "_").replace(".", "_").upper()
    secret = bytes(a ^ ord(name[i % len(name)]) for i, a in enumerate(b"from-environment"))
    got = chutes("wallet", "new", "--wallet", "me", "--json", check=0,
                 env={name: b64encode(secret).decode()})
    assert got.json["result"]["coldkey"]["file"] == path
    assert (root / "me/coldkey").read_bytes().startswith(b"$NACL")


def test_a_password_that_is_too_short_changes_nothing(chutes, root):
    for password, status in (("12345", 2), ("", 2)):
        failed = chutes("wallet", "new", "--password-file", "-", input=password, check=status)
        assert not words_in(failed.err)
    assert not root.exists() or not list(root.rglob("*"))


def test_words_stay_out_of_logs(chutes, root):
    refused = chutes("wallet", "new", env={"CI": "true"}, check=2)
    assert refused.err == ("error: the words of the key would stand in the log\n"
                           "  = help: add --hide-words: the key files have them\n")
    assert not root.exists()
    hidden = chutes("wallet", "new", "--hide-words", "--debug", env={"CI": "true"}, check=0)
    words = json.loads((root / "default/hotkeys/default").read_text())["secretPhrase"]
    assert words not in repr(hidden) and not words_in(repr(hidden))


def test_on_a_terminal(chutes, root):
    with Terminal(chutes, "wallet", "new", "--wallet", "me", "--hotkey", "dev") as t:
        t.ask("new password of the coldkey of wallet 'me': ")
        t.type("one password\n")
        t.ask("the same again: ")
        t.type("another one\n")
        t.see("the two are not the same")
        t.ask("new password of the coldkey of wallet 'me': ")
        t.type("one password\n")
        t.ask("the same again: ")
        t.type("one password\n")
        assert t.end() == 0
        assert "password" not in t.text and "warning" not in t.text
        assert len(words_in(t.text)) == 2
    assert (root / "me/coldkey").exists()


def test_nothing_half_is_left(chutes, root):
    """The directory for hotkeys cannot be made: the coldkey is not, either."""
    put(root / "me/hotkeys", "in the way")
    failed = chutes("wallet", "new", "--wallet", "me", "--overwrite", "--password-file", "-",
                    input="long enough", check=6)
    assert not words_in(failed.err)
    assert sorted(path.name for path in (root / "me").iterdir()) == ["hotkeys"]


def under_strace(env):
    """A checker of leaks cannot work there, and fails the program."""
    return {**env, "ASAN_OPTIONS": f"{env.get('ASAN_OPTIONS', '')}:detect_leaks=0"}


def test_a_full_disk_leaves_nothing(chutes, root):
    words = [chutes.program, "wallet", "new", "--wallet", "me", "--hide-words"]
    done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "inject=fsync:error=ENOSPC", *words],
                          env=under_strace(chutes.env), capture_output=True, text=True,
                          timeout=120, cwd=chutes.cwd)
    assert done.returncode == 1 and "No space left on device" in done.stderr
    assert "= help: free space there, or name another directory with --wallets-path" in done.stderr
    assert not words_in(done.stderr) and not (root / "me").exists()


def test_files_are_private_from_the_first_instant(chutes, root):
    trace = chutes.cwd / "trace"
    subprocess.run(["strace", "-f", "-o", trace, "-e", "trace=openat,open,creat,mkdir,chmod,umask",
                    PROGRAM, "wallet", "new", "--wallet", "me", "--hide-words"], check=True,
                   env=under_strace(chutes.env), cwd=chutes.cwd, capture_output=True, umask=0,
                   timeout=60)
    made = [line for line in trace.read_text().splitlines() if ".bittensor" in line and
            ("O_CREAT" in line or "mkdir(" in line)]
    assert len(made) >= 4
    for line in made:
        assert line.rsplit(") =", 1)[0].endswith(("0600", "0700")), line


@pytest.mark.parametrize("point", ["renameat2", "fsync", "write"])
def test_killed_at_any_point(chutes, root, point):
    """After each call of a kind in turn: what is there is whole, and was not shown if it is not."""
    for n in range(1, 40):
        home = chutes.home / f"{point}{n}"
        home.mkdir()
        done = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", f"trace={point}", "-e",
                               f"inject={point}:signal=KILL:when={n}", PROGRAM, "wallet", "new"],
                              env=under_strace({**chutes.env, "HOME": str(home)}), cwd=chutes.cwd,
                              capture_output=True, text=True, timeout=60)
        key = home / ".bittensor/wallets/default/hotkeys/default"
        for words in words_in(done.stderr):
            assert json.loads(key.read_text())["secretPhrase"] == words
        if key.exists():
            json.loads(key.read_text())
            assert chutes("wallet", "show", "default/default", "--json", check=0,
                          env={"HOME": str(home)}).json["result"]["problems"] == []
        if done.returncode == 0:
            assert n > 1
            return
        chutes("wallet", "new", "--overwrite", check=0, env={"HOME": str(home)})
    raise AssertionError(f"still {point} after 39 of them")


def test_nothing_of_a_secret_is_seen_from_outside(chutes, root):
    """While a password is awaited, and in what is left of a process that crashes then."""
    read, write = os.pipe()
    process = chutes.start("wallet", "import", "--mnemonic", "-", "--coldkey", "--new-password-file",
                           f"fd:{read}", stdin=subprocess.PIPE, pass_fds=[read])
    process.stdin.write(PHRASE + "\n")
    process.stdin.close()
    process.stdin = None
    folder = f"/proc/{process.pid}"
    wait_for(lambda: "fd" in os.listdir(folder) and
             b"pipe_read" in open(f"{folder}/wchan", "rb").read() or time.sleep(0.5) is None)
    for name in ("cmdline", "environ"):
        with open(f"{folder}/{name}", "rb") as f:
            assert b"leopard" not in f.read()
    core = chutes.cwd / "core"
    process.send_signal(signal.SIGABRT)
    process.wait(20)
    os.close(read)
    os.close(write)
    assert not core.exists() and not list(chutes.cwd.glob("core*"))
    for stream in (process.stdout, process.stderr):
        assert "leopard" not in stream.read()


# --- import


@pytest.mark.parametrize("words, text", [(["--mnemonic", "-"], PHRASE),
                                         (["--mnemonic", "-"], "  " + PHRASE.replace(" ", "\n") + "\n"),
                                         (["--seed", "-"], SEED + "\n"), (["--seed", "-"], "0x" + SEED),
                                         (["--suri", "-"], PHRASE), (["--suri", "-"], "0x" + SEED)])
def test_import(chutes, root, words, text):
    got = chutes("wallet", "import", "--wallet", "me", "--hotkey", "dev", *words, input=text, check=0)
    assert got.out == ADDRESS + "\n"
    saved = json.loads((root / "me/hotkeys/dev").read_text())
    assert saved["ss58Address"] == ADDRESS and saved["secretSeed"] == "0x" + SEED
    assert ("secretPhrase" in saved) == ("leopard" in text)
    before = (root / "me/hotkeys/dev").stat()
    again = chutes("wallet", "import", "--wallet", "me", "--hotkey", "dev", *words, input=text, check=0)
    assert again.out == got.out and "there  hotkey 'dev' of wallet 'me'" in again.err
    assert (root / "me/hotkeys/dev").stat().st_mtime_ns == before.st_mtime_ns
    other = chutes("wallet", "import", "--wallet", "me", "--hotkey", "dev", "--suri", "//Alice",
                   check=6)
    assert "exists already, with another key" in other.err and LOST in other.err
    replaced = chutes("wallet", "import", "--wallet", "me", "--hotkey", "dev", "--suri", "//Alice",
                      "--overwrite", check=0)
    assert replaced.out == ALICE + "\n"


def test_import_of_a_coldkey(chutes, root):
    words = ("wallet", "import", "--wallet", "me", "--coldkey", "--mnemonic", "@words")
    put(chutes.cwd / "words", PHRASE)
    assert "a coldkey is encrypted, and there is no password for it" in chutes(*words, check=2).err
    chutes(*words, "--new-password-file", "-", input="long enough", check=0)
    assert (root / "me/coldkey").read_bytes().startswith(b"$NACL")
    assert json.loads((root / "me/coldkeypub.txt").read_text())["ss58Address"] == ADDRESS
    # which password it has is not asked again: the file beside it tells the key
    assert "there   " in chutes(*words, check=0).err.replace("there  the", "there   the")
    assert "exclude each other" in chutes(*words, "--hotkey", "x", check=2).err


def test_import_beside_a_public_file(chutes, root):
    public = json.dumps({"ss58Address": ADDRESS})
    put(root / "me/hotkeys/devpub.txt", public)
    words = ("wallet", "import", "--wallet", "me", "--hotkey", "dev", "--mnemonic", "-")
    other = "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
    chutes(*words, input=other, check=6)
    chutes(*words, input=PHRASE, check=0)
    assert json.loads((root / "me/hotkeys/dev").read_text())["secretPhrase"] == PHRASE


def test_keys_of_developers(chutes, root):
    got = chutes("wallet", "import", "--suri", "//Alice", check=0)
    assert got.out == ALICE + "\n"
    assert "warning: everybody has the key of '//Alice': it is for development only" in got.err
    assert "others can see the password of the secret URI" in chutes(
        "wallet", "import", "--suri", "//Alice///hunter2", check=2).err
    for text in ("//Alice", "///password", "/soft"):
        refused = chutes("wallet", "import", "--suri", "-", input=text, check=2)
        assert "the secret URI has no phrase: everybody has its key" in refused.err
    soft = chutes("wallet", "import", "--hotkey", "s", "--suri", "-", input=PHRASE + "/soft", check=0)
    assert "has no seed: the Python client of the platform cannot use it" in soft.err
    hard = chutes("wallet", "import", "--hotkey", "h", "--suri", "-", input=PHRASE + "//h", check=0)
    assert "no seed" not in hard.err and soft.out != hard.out


@pytest.mark.parametrize("name", ["dev/hotkeys/main", "rawseed/hotkeys/main", "v4.0.1/hotkeys/main",
                                  "v11.3.0/hotkeys/pk", "v11.3.0/hotkeys/seeded"])
def test_import_of_files(chutes, name):
    row = GOLDEN[name]
    path = put(chutes.cwd / "key", row["text"])
    assert chutes("wallet", "import", path, check=0).out == row["address"] + "\n"


def test_import_of_half_a_key(chutes):
    public = put(chutes.cwd / "public", json.dumps({"ss58Address": ADDRESS}))
    assert "has only a public key" in chutes("wallet", "import", public, check=1).err


@pytest.mark.parametrize("row", EXPORTS, ids=[row["crypto"] for row in EXPORTS])
def test_import_of_an_export(chutes, row):
    path = put(chutes.cwd / "export.json", json.dumps(row["json"]))
    words = ("wallet", "import", path, "--hotkey", "web")
    if row["crypto"] != "sr25519":
        other = chutes(*words, "--password-file", "-", input=row["password"], check=1)
        assert "keys of Bittensor are sr25519" in other.err
        return
    wrong = chutes(*words, "--password-file", "-", input=row["password"] + "x", check=4)
    assert "wrong password" in wrong.err
    assert f"there is nobody to ask for password of '{path}'" in chutes(*words, check=2).err
    got = chutes(*words, "--password-file", "-", input=row["password"], check=0)
    assert got.out.startswith("5")


def test_one_source(chutes):
    assert "nothing says which key to import" in chutes("wallet", "import", check=2).err
    two = chutes("wallet", "import", "--mnemonic", "-", "--seed", "-", check=2)
    assert two.err == ("error: more than one key to import\n"
                       "  = help: give one of --mnemonic, --seed, --suri and FILE\n")


LOOK_ALIKE = PHRASE.replace("phone", "ph\u043ene")  # a Cyrillic o


@pytest.mark.parametrize("text, message", [
    (PHRASE.replace("rib", "rob"), "word 4 is not in the list of words"),
    (PHRASE.replace("old leopard", "leopard old"), "their checksum is wrong"),
    (PHRASE.rsplit(" ", 1)[0], "a phrase has 12, 15, 18, 21 or 24 words, not 11"),
    (PHRASE + " old", "words, not 13"),
    (LOOK_ALIKE, "character 3 of word 6 is no letter from a to z"),
    (PHRASE.replace("old", "Old"), "character 1 of word 1 is no letter from a to z"),
    (PHRASE.replace(" ", "\u00a0"), "words, not 1"),
    ("", "the mnemonic is empty"),
    ("old " * 300, "a phrase has at most 1024 bytes"),
    ("x" * 9000, "the mnemonic has more than 8192 bytes"),
    (PHRASE + "\0", "the mnemonic has a NUL byte")])
def test_bad_words(chutes, root, text, message):
    refused = chutes("wallet", "import", "--mnemonic", "-", input=text, check=2)
    assert message in refused.err
    for word in text.replace("\0", " ").split():
        if len(word) > 4:
            assert word not in refused.err.split("help")[0]
    assert not root.exists()


@pytest.mark.parametrize("text", [SEED[1:], SEED + "0", SEED[:-1] + "g", "0x", SEED + "//Alice",
                                  PHRASE])
def test_bad_seeds(chutes, text):
    refused = chutes("wallet", "import", "--seed", "-", input=text, check=2)
    assert refused.err == "error: the seed is not 64 hex digits\n"


def test_secrets_are_no_arguments(chutes):
    for option, value in (("--mnemonic", PHRASE), ("--seed", SEED), ("--suri", PHRASE + "//x")):
        refused = chutes("wallet", "import", option, value, "--json", "--debug", check=2)
        assert "others can see what stands on a command line" in refused.out
        assert value not in repr(refused) and "leopard" not in repr(refused)


# --- files as they come


BAD_FILES = {
    "empty": (b"", "is empty"),
    "cut": (b'{"accountId":"0x', "'"),
    "binary": (bytes(range(256)), "is no key file"),
    "large": (b" " * 70000, "more than 65536 bytes"),
    "vault": (b"$ANSIBLE_VAULT;1.1;AES256\n3030\n", "is encrypted with ansible-vault"),
    "fernet": (b"gAAAAABf", "is encrypted with Fernet"),
    "sealed": (b"$NACL", "is cut off"),
    "ed25519": (b'{"cryptoType":0,"secretSeed":"0x' + SEED.encode() + b'"}', "is an ed25519 key"),
    "other": (json.dumps({"secretSeed": "0x" + SEED, "ss58Address": ALICE}).encode(),
              "is of another key than"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files(chutes, root, name):
    content, message = BAD_FILES[name]
    put(root / "me/hotkeys/bad", content)
    put(root / "me/hotkeys/good", json.dumps({"ss58Address": ADDRESS, "secretSeed": "0x" + SEED}))
    shown = chutes("wallet", "show", "me/bad", "--json", check=0).json["result"]
    assert message in shown["problems"][0]["message"] and shown["problems"][0]["hint"]
    assert SEED not in json.dumps(shown)
    rows = {row["hotkey"]: row for row in
            chutes("wallet", "list", "--json", check=0).json["result"]["keys"]}
    assert rows["good"]["address"] == ADDRESS and rows["good"]["problem"] is None
    if name != "other":  # deriving is for `show`
        assert rows["bad"]["problem"]
    assert message in chutes("wallet", "import", root / "me/hotkeys/bad", "--hotkey", "x").err
    # what cannot be read is not replaced
    refused = chutes("wallet", "import", "--wallet", "me", "--hotkey", "bad", "--seed", "-",
                     input=SEED, check=6)
    assert "exists already" in refused.err and (root / "me/hotkeys/bad").read_bytes() == content


def test_paths_that_lead_nowhere(chutes, root):
    hotkeys = root / "me/hotkeys"
    hotkeys.mkdir(parents=True)
    (hotkeys / "dangling").symlink_to("nowhere")
    (hotkeys / "folder").mkdir()
    os.mkfifo(hotkeys / "pipe")
    (hotkeys / "loop").symlink_to("loop")
    rows = {row["hotkey"]: row for row in
            chutes("wallet", "list", "--json", check=0).json["result"]["keys"]}
    assert "is a link to a file that is not there" in rows["dangling"]["problem"]
    assert "is not a regular file" in rows["folder"]["problem"]
    assert "is not a regular file" in rows["pipe"]["problem"]
    assert rows["loop"]["problem"]
    for name in rows:
        assert chutes("wallet", "show", f"me/{name}", "--json", check=0).json["result"]["problems"]
        chutes("wallet", "new", "--wallet", "me", "--hotkey", name, check=6)
    (root / "dangling").symlink_to("nowhere")
    chutes("wallet", "list", check=0)
    chutes("wallet", "list", "--wallets-path", "none", check=0)
    assert chutes("wallet", "list", "--wallets-path", put(chutes.cwd / "file", "x")).code == 5
    assert chutes("wallet", "import", "none.json", check=5).err.startswith("error: cannot open")


def test_names(chutes, root):
    for name in ("a/b", "..", "", ".a", "apub.txt"):
        assert chutes("wallet", "new", "--hotkey", name).code == 2, name
    for word in ("me/", "/dev", "../x", "me/..", "me/a/b", ""):
        assert chutes("wallet", "show", word, check=2).err.count("\n") == 2, word
    assert "there is no wallet 'you' in" in chutes("wallet", "show", "you", check=5).err
    (root / "me").mkdir(parents=True)
    assert "wallet 'me' has no hotkey 'x'" in chutes("wallet", "show", "me/x", check=5).err


def test_others_can_read(chutes, root):
    put(root / "me/hotkeys/dev", json.dumps({"secretSeed": "0x" + SEED}), 0o640)
    one = chutes("wallet", "list", check=0)
    assert f"others than you can read '{root}/me/hotkeys/dev': run 'chmod 600" in one.err
    put(root / "me/hotkeys/dev2", json.dumps({"secretSeed": "0x" + SEED}), 0o644)
    two = chutes("wallet", "list", check=0)
    assert f"others than you can read 2 key files: run 'chmod -R go= {root}'" in two.err
    (root / "me").chmod(0o777)
    shown = chutes("wallet", "show", "me/dev", check=0)
    assert "others than you can read" in shown.err and "run 'chmod 600" in shown.err
    assert f"others than you can change what is in '{root}/me'" in shown.err


def test_list_and_show(chutes, root):
    chutes("wallet", "new", "--wallet", "me", "--hotkey", "dev", "--hide-words", check=0)
    put(root / "me/hotkeys/lonelypub.txt", json.dumps({"ss58Address": ALICE}))
    put(root / "me/coldkeypub.txt", json.dumps({"ss58Address": ADDRESS}))
    assert chutes("wallet", "list", "-q", check=0).out.split() == ["me", "me/dev", "me/lonely"]
    rows = chutes("wallet", "ls", "--plain", "--no-header", check=0).out.splitlines()
    assert rows[0].split("\t") == ["me", "coldkey", ADDRESS, "public only", ""]
    assert rows[2].split("\t") == ["me/lonely", "hotkey", ALICE, "public only", ""]
    whole = chutes("wallet", "show", "me", "--json", check=0).json["result"]
    assert whole["address"] == ADDRESS and whole["hotkey"] is None
    assert [row["hotkey"] for row in whole["hotkeys"]] == ["dev", "lonely"]
    one = chutes("wallet", "show", "me/dev", "--json", check=0).json["result"]
    assert [(f["kind"], f["mode"], f["encryption"]) for f in one["files"]] == [
        ("secret", "0600", "none"), ("public", "0600", "none")]
    assert one["public_key"].startswith("0x") and len(one["public_key"]) == 66
    secret = json.loads((root / "me/hotkeys/dev").read_text())
    for words in (["show", "me/dev"], ["show", "me/dev", "--debug"], ["show", "me"], ["list"]):
        shown = repr(chutes("wallet", *words, check=0))
        for field in ("privateKey", "secretPhrase", "secretSeed"):
            assert secret[field] not in shown
    assert chutes("wallet", "show", "me/dev", "-q", check=0).out == one["address"] + "\n"


def test_files_of_two_keys(chutes, root):
    put(root / "me/hotkeys/dev", json.dumps({"secretSeed": "0x" + SEED}))
    put(root / "me/hotkeys/devpub.txt", json.dumps({"ss58Address": ALICE}))
    problems = chutes("wallet", "show", "me/dev", "--json").json["result"]["problems"]
    assert "is of another key than the file beside it" in problems[0]["message"]


def test_ten_thousand_entries(chutes, root):
    hotkeys = root / "me/hotkeys"
    hotkeys.mkdir(parents=True)
    text = json.dumps({"ss58Address": ADDRESS, "secretSeed": "0x" + SEED})
    for i in range(5000):
        put(hotkeys / f"k{i}", text)
        put(hotkeys / f"k{i}pub.txt", json.dumps({"ss58Address": ADDRESS}))
    got = chutes("wallet", "list", "--json", check=0, timeout=120).json["result"]["keys"]
    assert len(got) == 5000 and not any(row["problem"] for row in got)
