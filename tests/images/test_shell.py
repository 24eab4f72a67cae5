# SPDX-License-Identifier: MIT
"""`chutes shell` in an image that is there."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import image
import pytest


@pytest.fixture
def shell(chutes, tmp_path):
    """chutes shell --image hello; skipped where no container can run."""
    store = tmp_path / "data/chutes/store"
    got = chutes("shell", "--image", "hello", "--", "guest")
    assert got.code == 125, repr(got)
    image.put(store)

    def run(*args, **more):
        got = chutes("shell", "--image", "hello", *args, **more)
        left = [path.name for path in (store / "tmp").iterdir()]
        assert left == []
        return got

    run.chutes = chutes
    return run


def test_output_and_status(shell):
    got = shell("--", "guest", "say", "out", "exit", "7", check=7)
    assert (got.out, got.err) == ("out\n", "")


def test_the_image_decides(shell):
    got = shell("--", "guest", "report", "env", "KEPT", "env", "HOME", "env", "TERM", check=0)
    if os.geteuid() == 0:
        assert "uid=7 gid=8" in got.out
    assert "cwd=/work\n" in got.out and got.out.endswith("yes\n/work\n(unset)\n")


def test_options(shell, tmp_path):
    lent = tmp_path / "lent"
    lent.mkdir()
    (lent / "file").write_text("lent\n")
    got = shell("-e", "KEPT=no", "-e", "A=b=c", "--user", "root", "-v", f"{lent}:/x:ro", "-v",
                f"{lent}:/y", "--", "guest", "report", "env", "KEPT", "env", "A", "cat", "/x/file",
                "touch", "/x/new", "touch", "/y/made", check=0)
    assert "uid=0 gid=0" in got.out
    assert got.out.endswith("no\nb=c\nlent\n/x/new=EROFS\n")
    assert sorted(os.listdir(lent)) == ["file", "made"]


def test_standard_input(shell):
    got = shell("--", "guest", "cat", "/dev/stdin", input="typed\n", check=0)
    assert got.out == "typed\n"


def test_changes_are_thrown_away(shell):
    assert shell("--", "guest", "touch", "new", "cat", "new", check=0).out == ""
    assert shell("--", "guest", "cat", "new", check=0).out == "new=ENOENT\n"


@pytest.mark.parametrize("program, status, message", [
    ("nothere", 127, "error: program 'nothere' is not in the image\n"),
    ("/bin/plain", 126, "error: '/bin/plain' cannot be executed\n"),
    ("/etc", 126, "error: '/etc' cannot be executed\n"),
])
def test_programs_that_cannot_run(shell, program, status, message):
    got = shell("--", program, check=status)
    assert got.out == "" and got.err.endswith(message)


def test_no_such_shell(shell):
    assert "'/bin/sh' is not in the image" in shell(check=127).err


@pytest.mark.parametrize("args, message", [
    (["--image", "gone"], "error: no image 'gone' in the store\n"
     "  = help: 'chutes images' lists what there is\n"),
    (["-v", "x"], "error: --volume 'x' is not HOST:DIR[:ro]\n"),
    (["-v", ".:relative"], "error: --volume '.:relative' is not HOST:DIR[:ro]\n"),
    (["-v", ".:/x:rx"], "error: --volume '.:/x:rx' is not HOST:DIR[:ro]\n"),
    (["-v", "/no/such:/x"], "error: --volume '/no/such': No such file or directory\n"),
    (["-e", "=b"], "error: --env '=b' is not NAME=VALUE\n"),
    (["--user", "nobody"], "error: no user 'nobody' in the image's /etc/passwd: "
     "it knows root, worker\n"),
    (["--runtime", "no-such"], "error: OCI runtime 'no-such' not found\n"
     "  = help: install one: apt-get install crun\n"),
])
def test_our_failures_are_125(shell, args, message):
    got = shell(*args, "--", "guest", "say", "x", check=125)
    assert got.out == "" and got.err.startswith(message)


def test_timeout(shell):
    got = shell("--timeout", "300ms", "--", "guest", "sleep", check=9)
    assert "not finished after 0.3 s" in got.err


def test_interrupt(shell):
    process = shell.chutes.start("shell", "--image", "hello", "--", "guest", "say", "up", "sleep")
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 128 + signal.SIGTERM


class Terminal:
    """A program on a pseudo terminal of 33 lines and 99 columns."""

    def __init__(self, chutes, *args):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(chutes.program, [chutes.program, *args], {**chutes.env, "TERM": "xterm"})
        self.resize(33, 99)
        self.output = ""

    def resize(self, lines, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read_until(self, text, seconds=20):
        end = time.monotonic() + seconds
        while text not in self.output and time.monotonic() < end:
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                self.output += os.read(self.fd, 65536).decode()
            except OSError:
                break
        assert text in self.output, repr(self.output)

    def wait(self):
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_terminal(shell):
    t = Terminal(shell.chutes, "shell", "--image", "hello", "--", "guest", "env", "TERM", "cat",
                 "/dev/stdin", "size", "exit", "3")
    t.read_until("xterm\r\n")
    t.resize(44, 111)
    # one line, and the end of input: the far side's terminal edits lines
    os.write(t.fd, b"typed\r\x04")
    t.read_until("tty=1 111x44\r\n")
    assert "typed\r\n" in t.output
    assert t.wait() == 3


def test_keys_of_a_terminal_are_raw(shell):
    t = Terminal(shell.chutes, "shell", "--image", "hello", "--", "guest", "on-int", "say", "up",
                 "sleep")
    t.read_until("up\r\n")
    os.write(t.fd, b"\x03")
    assert t.wait() == 6


SPEC = """\
version: 1
name: spelled
server: {command: [sleep, "60"], port: 9000}
node_selector: {gpu_count: 0}
image: {name: spelled, base: "rootfs:tree.tar", steps: [env: {MADE: here}, workdir: /tmp]}
cords: [{function: none, public: GET /none, forward: GET /none}]
"""


def test_the_image_of_the_spec(chutes):
    (chutes.cwd / "tree.tar").write_bytes(image.layer())
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    got = chutes("shell", "--no-build", "--", "/bin/guest", check=125)
    assert "error: " in got.err
    for _ in range(2):
        got = chutes("shell", "--", "/bin/guest", "env", "MADE", "report", check=0)
        assert got.out.startswith("here\n") and "cwd=/tmp\n" in got.out
    assert chutes("shell", "--no-build", "--", "/bin/guest", "exit", "4", check=4).out == ""


def test_a_prebuilt_image(shell):
    chutes = shell.chutes
    (chutes.cwd / "chute.yaml").write_text(SPEC.replace(
        'image: {name: spelled, base: "rootfs:tree.tar", steps: [env: {MADE: here}, workdir: /tmp]}',
        "image: me/guest:1"))
    assert "there is nothing to build" in chutes("shell", "--", "guest", check=125).err
    chutes("images", "tag", "hello", "me/guest:1", check=0)
    assert chutes("shell", "--", "guest", "say", "here", check=0).out == "here\n"
    assert "there is nothing to build" in chutes("build", check=3).err
    # it is this image that would be served
    assert "working directory '/app' is not in the image" in chutes("run", check=13).err


def test_no_spec(chutes):
    got = chutes("shell", "--", "x", check=125)
    assert "chute.yaml" in got.err
