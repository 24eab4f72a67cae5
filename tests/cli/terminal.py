# SPDX-License-Identifier: MIT
"""A command on a terminal of its own, which it controls: what a person sees and types."""
import os
import pty
import select
import signal
import termios
import time

LIMIT_S = 60  # means that it hangs


class Terminal:
    SIGNALS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)

    def __init__(self, chutes, *args, env=None, stdin=None):
        """`stdin` is a descriptor that standard input is instead of the terminal."""
        words = [str(chutes.program), *map(str, args)]
        merged = {**chutes.env, "TERM": "xterm", **(env or {})}
        self.text = ""
        self.status = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                for number in self.SIGNALS:  # who runs tests in the background ignores some
                    signal.signal(number, signal.SIG_DFL)
                os.chdir(chutes.cwd)
                if stdin is not None:
                    os.dup2(stdin, 0)
                os.execve(words[0], words, merged)
            finally:
                os._exit(127)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def _read(self):
        try:
            data = os.read(self.fd, 4096)
        except OSError:  # nobody has the other end any more
            data = b""
        self.text += data.decode()
        return bool(data)

    def see(self, text):
        """Wait for this text; what was seen up to it is forgotten."""
        end = time.monotonic() + LIMIT_S
        while text not in self.text:
            ready = select.select([self.fd], [], [], max(0, end - time.monotonic()))[0]
            assert ready and self._read(), f"no '{text}' in: {self.text}"
        seen, _, self.text = self.text.partition(text)
        return seen

    def shows_typing(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def ask(self, text):
        """Wait for a question whose answer is not shown."""
        self.see(text)
        end = time.monotonic() + LIMIT_S
        while self.shows_typing():
            assert time.monotonic() < end
            time.sleep(0.01)

    def type(self, text):
        os.write(self.fd, text.encode())

    def stopped(self):
        """Wait until it is stopped; the signal that did it."""
        status = os.waitpid(self.pid, os.WUNTRACED)[1]
        assert os.WIFSTOPPED(status), self.text
        return os.WSTOPSIG(status)

    def end(self):
        """The exit status, negative for a signal; `text` is what is left to see."""
        limit = time.monotonic() + LIMIT_S
        while True:
            ready = select.select([self.fd], [], [], max(0, limit - time.monotonic()))[0]
            assert ready, f"does not end, after: {self.text}"
            if not self._read():
                break
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status
