# SPDX-License-Identifier: MIT
"""Usage: http1_agreement.py VERDICT COUNT SEED

The shapes of tests/vectors/http, and COUNT messages that are made from them by random changes: what
VERDICT (our parser) takes, llhttp must take too, with the same method, target, fields, body and end.
llhttp is as strict as it can be: httptools switches none of its leniencies on. Ends with 1 and shows
the messages where they disagree."""
import pathlib
import random
import subprocess
import sys

import httptools

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from http_shapes import REPLY, REPLY_TO_HEAD, REQUEST, shapes  # noqa: E402

BATCH = 20_000
SHOWN = 5

# --- messages

PIECES = [
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"=", b'"', b"\\", b"0", b"1",
    b"5", b"f", b"+", b"-", b"_", b"%00", b"#", b"\x7f", b"\x80", b"\xff", b"\x0b", b"\x0c", b"0\r\n\r\n",
    b"5\r\nhello\r\n", b";a=b", b';a="b"', b"Content-Length: 5\r\n", b"Content-Length: 0\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Connection: close\r\n", b"Connection: keep-alive, x\r\n",
    b"Host: a\r\n", b"X: y\r\n", b"A:\r\n", b"Upgrade: a\r\n", b"Expect: 100-continue\r\n",
    b"GET / HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0", b"HTTP/1.1", b"chunked", b"hello",
]


def known_messages():
    """Kind and bytes of each."""
    return [(shape.kind, shape.bytes + shape.behind) for shape in shapes()]


def change(message, rng):
    at = rng.randrange(len(message) + 1)
    what = rng.randrange(7)
    end = min(len(message), at + rng.choice((1, 1, 1, 2, 5, 20)))
    if what == 0:  # another byte
        return message[:at] + bytes([rng.randrange(256)]) + message[at + 1:]
    if what == 1:
        return message[:at] + rng.choice(PIECES) + message[at:]
    if what == 2:
        return message[:at] + message[end:]
    if what == 3:
        return message[:at] + rng.choice(PIECES) + message[end:]
    if what == 4:  # a part twice
        return message[:end] + message[at:]
    lines = message.split(b"\r\n")
    i, k = rng.randrange(len(lines)), rng.randrange(len(lines))
    if what == 5:  # two lines change places
        lines[i], lines[k] = lines[k], lines[i]
    else:  # letters change their size
        lines[i] = lines[i].swapcase() if rng.random() < 0.5 else lines[i] + rng.choice(PIECES)
    return b"\r\n".join(lines)


def changed(count, rng):
    """Most start from a message that is taken, so that many of the changed ones are taken, too."""
    known = known_messages()
    good = [(kind, text) for kind, text in known if verdicts([(kind, text)])[0].startswith("200")]
    for _ in range(count):
        kind, message = rng.choice(good if rng.random() < 0.8 else known)
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
            message = change(message, rng)
        yield kind, message


# --- judges


def verdicts(messages):
    data = b"".join(b"%d %d\n%s" % (kind, len(text), text) for kind, text in messages)
    done = subprocess.run([sys.argv[1]], input=data, stdout=subprocess.PIPE, check=True)
    lines = done.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(messages)
    return lines


class Listener:
    def __init__(self):
        self.target, self.body, self.fields = b"", b"", []
        self.has_head = self.is_over = self.keeps = False
        self.parser = None

    def on_url(self, url):
        self.target += url

    def on_header(self, name, value):
        if not self.has_head:  # else it is a trailer
            self.fields.append((name, value))

    def on_headers_complete(self):
        self.has_head = True
        self.keeps = self.parser.should_keep_alive()

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        self.is_over = True


def unhex(word):
    return b"" if word == "-" else bytes.fromhex(word)


def disagreement(kind, message, verdict):
    """None, or what llhttp sees else in a message that was taken."""
    words = verdict.split(" ")
    used, minor, keeps, upgrades = (int(word) for word in words[1:5])
    body, start, target, *fields = (unhex(word) for word in words[5:])
    listener = Listener()
    parser = (httptools.HttpRequestParser if kind == REQUEST else httptools.HttpResponseParser)(listener)
    listener.parser = parser
    # llhttp cannot be told that a reply is to HEAD, and takes what follows an upgrade for no HTTP
    only_head = kind == REPLY_TO_HEAD or upgrades
    try:
        parser.feed_data(message[:message.index(b"\r\n\r\n") + 4 if only_head else used])
    except httptools.HttpParserUpgrade:
        pass
    except httptools.HttpParserError as fault:
        return f"refused: {fault!r} {fault.__context__ or ''}"
    if not listener.has_head:
        return "head not complete"
    seen = start if kind != REQUEST else parser.get_method()
    if kind != REQUEST:
        seen = b"%d" % parser.get_status_code()
    ours = [(name, value) for name, value in zip(fields[::2], fields[1::2])]
    theirs = [(name, value.strip(b" \t")) for name, value in listener.fields if b"_" not in name]
    if (seen, listener.target, theirs) != (start, target, ours):
        return f"another head: {seen} {listener.target} {theirs}"
    if parser.get_http_version() != f"1.{minor}":
        return "another version"
    if only_head:
        return None
    if listener.body != body:
        return f"another body: {listener.body!r}, not {body!r}"
    if not listener.is_over and (kind == REQUEST or keeps):
        return "the message is not over"
    if keeps and not listener.keeps:  # of "close" and "keep-alive" at once we hear the first only
        return "the connection does not stay"
    return None


def main():
    count, seed = int(sys.argv[2]), int(sys.argv[3])
    rng = random.Random(seed)
    todo = known_messages()
    source = changed(count, rng)
    taken = refused = disagreed = 0
    while todo:
        for (kind, message), verdict in zip(todo, verdicts(todo)):
            if not verdict.startswith("200"):
                refused += 1
                continue
            taken += 1
            if fault := disagreement(kind, message, verdict):
                disagreed += 1
                if disagreed <= SHOWN:
                    print(f"{('request', 'reply', 'reply to HEAD')[kind]} {message!r}: {fault}")
        todo = [pair for pair, _ in zip(source, range(BATCH))]
    print(f"seed {seed}: {taken} taken, {refused} refused, {disagreed} disagreements")
    return disagreed > 0


sys.exit(main())
