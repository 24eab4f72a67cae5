# SPDX-License-Identifier: MIT
"""How a command is given a secret: through the setting of an API key, which is the smallest that
takes one."""
import os
import signal
import subprocess

import pytest
from harness import PROGRAM
from terminal import Terminal

SET = ("config", "set", "auth.api_key")


def saved(chutes):
    path = chutes.home.parent / "config/chutes/credentials"
    return path.read_text().split()[-1] if path.exists() else None


def test_what_is_typed_is_not_shown(chutes):
    with Terminal(chutes, *SET) as t:
        t.ask("API key: ")
        t.type("  topsecret \n")
        assert t.end() == 0
        assert t.text.split() == [str(chutes.home.parent / "config/chutes/credentials")]
        assert t.shows_typing()
    assert saved(chutes) == "topsecret"


def test_standard_input_may_be_something_else(chutes):
    with open(os.devnull) as nothing, Terminal(chutes, *SET, stdin=nothing.fileno()) as t:
        t.ask("API key: ")
        t.type("k\n")
        assert t.end() == 0
    with Terminal(chutes, *SET, "-") as t:
        t.ask("'auth.api_key': ")
        t.type("typed-for-standard-input\n")
        assert t.end() == 0
    assert saved(chutes) == "typed-for-standard-input"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT,
                                    signal.SIGALRM, signal.SIGUSR1])
def test_a_signal_ends_it_and_leaves_the_terminal_as_it_was(chutes, number):
    with Terminal(chutes, *SET) as t:
        t.ask("API key: ")
        os.kill(t.pid, number)
        assert t.end() == -number
        assert t.shows_typing()
    assert saved(chutes) is None


def test_keys_that_make_signals(chutes):
    with Terminal(chutes, *SET) as t:
        t.ask("API key: ")
        t.type("abc\x03")
        assert t.end() == -signal.SIGINT and "abc" not in t.text


def test_it_can_be_stopped_and_asks_again(chutes):
    with Terminal(chutes, *SET) as t:
        t.ask("API key: ")
        t.type("half")
        # its process group has no shell that could continue it, so the kernel does not stop it
        # for this one
        os.kill(t.pid, signal.SIGTSTP)
        t.ask("API key: ")
        t.type("another half")
        os.kill(t.pid, signal.SIGSTOP)
        t.stopped()
        os.kill(t.pid, signal.SIGCONT)
        t.ask("API key: ")
        t.type("whole\n")
        assert t.end() == 0
    assert saved(chutes) == "whole"


def test_what_is_no_answer(chutes):
    for typed in ("\n", "   \n", "\x04"):
        with Terminal(chutes, *SET) as t:
            t.ask("API key: ")
            t.type(typed)
            assert t.end() == 2 and "what was typed is empty" in t.text


@pytest.mark.parametrize("words, env", [(["--no-input"], {}), ([], {"CHUTES_NO_INPUT": "1"}),
                                        ([], {"CI": "true"})])
def test_nothing_is_asked_where_that_is_said(chutes, words, env):
    with Terminal(chutes, *SET, *words, env=env) as t:
        assert t.end() == 2
        assert "there is nobody to ask for API key" in t.text


def test_nobody_is_asked_who_cannot_see_the_question(chutes):
    failed = chutes(*SET, check=2)
    assert failed.err == ("error: there is nobody to ask for API key\n  = help: give it with '-' for "
                          "standard input, '@FILE', or --from-env\n")


def test_sizes(chutes):
    """The setting has a limit of its own, which is told after ours."""
    at_limit = chutes(*SET, "-", input="x" * 8192 + "\r\n", check=2)
    assert "8192" not in at_limit.err
    for text, message in (("x" * 8193, "has more than 8192 bytes"), ("", "is empty"),
                          ("\n", "is empty"), ("a\0b", "has a NUL byte")):
        assert f"'auth.api_key' {message}" in chutes(*SET, "-", input=text, check=2).err


def test_descriptors(chutes):
    def run(*words, **more):
        return subprocess.run([PROGRAM, *SET, *words], env=chutes.env, cwd=chutes.cwd, timeout=60,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, **more)

    read, write = os.pipe()
    os.write(write, b"from-a-pipe\n")
    os.close(write)
    assert run(f"fd:{read}", pass_fds=[read]).returncode == 0 and saved(chutes) == "from-a-pipe"
    os.close(read)
    closed = run("fd:77")
    assert closed.returncode == 2
    assert closed.stderr.startswith("error: cannot read 'auth.api_key': descriptor 77 is not open\n")
    for other in ("fd:", "fd:x", "fd:-1", "fd:1x", "fd:1234567", "@", "hunter2hunter2"):
        refused = run(other)
        assert refused.returncode == 2 and "hunter2" not in refused.stderr
        assert "others can see what stands on a command line" in refused.stderr
    assert run("@none").returncode == 5
    pipe = chutes.cwd / "pipe"
    os.mkfifo(pipe)
    assert "is a named pipe" in run("@pipe").stderr
    shell = f"exec {PROGRAM} config set auth.api_key @<(echo from-a-shell)"
    subprocess.run(["bash", "-c", shell], env=chutes.env, check=True, timeout=60, capture_output=True)
    assert saved(chutes) == "from-a-shell"
