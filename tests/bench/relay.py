# SPDX-License-Identifier: MIT
"""Usage: relay.py [ROUNDS]

The gateway against nginx as a proxy before the same server, in runs of a second that take turns: ours
between two of nginx, whose mean it is compared with. Prints medians of the ratios and their spread,
with system calls and context switches for each request where perf can count them. Needs
`ninja -C build tests/gateway/gateway tests/bench/relay_upstream tests/bench/relay_age` and
`sh tests/install.sh bench`. Ours is the gateway as `chutes run` has it, without a container, so that
nothing but the relay is measured."""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from harness import environment  # noqa: E402

BUILT = pathlib.Path(os.environ.get("CHUTES_BUILD", ROOT / "build")) / "tests"
UPLOAD_BYTES = 1 << 30
PIECE = b"x" * (1 << 20)
NGINX = """
daemon off; worker_processes 2; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_max_body_size 0; keepalive_requests 100000000;
  client_body_temp_path {home}; proxy_temp_path {home}; fastcgi_temp_path {home};
  uwsgi_temp_path {home}; scgi_temp_path {home};
  upstream chute {{ server {upstream}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://chute; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_request_buffering off; proxy_buffer_size 64k;
      proxy_buffers 8 64k;
    }}
  }}
}}
"""
SPEC = """
version: 1
name: bench
tagline: Behind a relay
server: {command: [server], port: 9000}
image: {name: bench, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
scaling: {concurrency: 256}
cords:
  - {function: hello, public: GET /hello, forward: GET /hello}
  - {function: megabyte, public: GET /megabyte, forward: GET /megabyte}
  - {function: events, public: GET /events, forward: GET /events, stream: true}
  - {function: upload, public: POST /upload, forward: POST /upload}
"""
APP = """
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"12")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"hello, world"})
"""


def tree(pid):
    """The process and its children."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [str(pid), *children]


@contextlib.contextmanager
def running(*words, **options):
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(address):
    kind = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    for _ in range(300):
        with contextlib.suppress(OSError), socket.socket(kind) as s:
            s.connect(address)
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers at {address}")


class Front:
    def __init__(self, process, port):
        self.process, self.port = process, port

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


@contextlib.contextmanager
def fronts(upstream):
    """nginx and ours before a port or the path of a socket."""
    with tempfile.TemporaryDirectory() as home, contextlib.ExitStack() as stack:
        port = free_port()
        where = f"unix:{upstream}" if "/" in upstream else f"127.0.0.1:{upstream}"
        conf = pathlib.Path(home) / "nginx.conf"
        conf.write_text(NGINX.format(home=home, port=port, upstream=where))
        os.chmod(home, 0o755)
        user = ["-g", "user root;"] if os.getuid() == 0 else []
        nginx = stack.enter_context(running("nginx", "-c", conf, "-p", home, *user))
        spec = pathlib.Path(home) / "chute.yaml"
        spec.write_text(SPEC)
        ours = stack.enter_context(running(BUILT / "gateway" / "gateway", spec,
                                           f"upstream={upstream}", "quiet", stdin=subprocess.PIPE))
        wait_for(("127.0.0.1", port))
        address = ours.stdout.readline().strip()
        yield Front(nginx, port), Front(ours, int(address.rpartition(":")[2]))


class Counts:
    """perf over a front while something runs; None where it may not count."""
    EVENTS = {"raw_syscalls:sys_enter": "calls", "context-switches": "switches",
              "task-clock": "cpu_ms"}

    def __init__(self, front):
        self.words = ["perf", "stat", "-x", ",", "-e", ",".join(self.EVENTS), "-p",
                      ",".join(tree(front.process.pid)), "--", "sleep", "0.8"]
        self.values = {}

    def __enter__(self):
        has_perf = shutil.which("perf")
        self.perf = has_perf and subprocess.Popen(self.words, stderr=subprocess.PIPE, text=True)
        self.start = time.monotonic()
        return self

    def __exit__(self, *_):
        if not self.perf:
            return
        for line in self.perf.communicate()[1].splitlines():
            fields = line.split(",")
            if len(fields) > 2 and fields[2] in self.EVENTS and fields[0].replace(".", "").isdigit():
                self.values[self.EVENTS[fields[2]]] = float(fields[0])


def wrk(front, path, connections, counts=None):
    """Requests in a second."""
    words = ["wrk", "-t1", f"-c{connections}", "-d1s", front.url(path)]
    with Counts(front) if counts is not None else contextlib.nullcontext() as counted:
        out = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out:
        raise SystemExit(f"{front.url(path)}:\n{out}")
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", out)[1])
    if counts is not None:
        for name, value in counted.values.items():
            counts.setdefault(name, []).append(value / rate / 0.8)
    return rate


def age(front, streams):
    words = [BUILT / "bench" / "relay_age", str(front.port), str(streams)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def compare(name, rounds, measure, nginx, ours):
    """Medians of ours, of nginx and of the ratio, and the ratio's spread."""
    measure(nginx), measure(ours)  # threads and connections are there
    ratios, theirs, mine = [], [measure(nginx)], []
    for _ in range(rounds):
        mine.append(measure(ours))
        theirs.append(measure(nginx))
        ratios.append(mine[-1] / statistics.mean(theirs[-2:]))
    print(f"{name:36} {statistics.median(mine):10,.0f} {statistics.median(theirs):10,.0f} "
          f"{statistics.median(ratios):7.2f}   {min(ratios):.2f}-{max(ratios):.2f}", flush=True)


def compare_rates(name, rounds, path, connections, nginx, ours):
    compare(name, rounds, lambda front: wrk(front, path, connections), nginx, ours)
    for label, front in (("nginx", nginx), ("ours", ours)):
        counts = {}
        for _ in range(3):
            wrk(front, path, connections, counts)
        parts = [f"{statistics.median(values):.2f} {key}" for key, values in counts.items()]
        print(f"    a request, {label:5}: {', '.join(parts) or 'perf may not count'}", flush=True)


def peak_kib(front, key="VmHWM"):
    status = pathlib.Path(f"/proc/{front.process.pid}/status").read_text()
    return int(re.search(rf"{key}:\s+([0-9]+)", status)[1])


def upload(front, chunked):
    """MB/s."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {UPLOAD_BYTES}"
    piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE) if chunked else PIECE
    start = time.monotonic()
    with socket.create_connection(("127.0.0.1", front.port)) as s:
        s.sendall(f"POST /upload HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n".encode())
        for _ in range(UPLOAD_BYTES // len(PIECE)):
            s.sendall(piece)
        if chunked:
            s.sendall(b"0\r\n\r\n")
        reply = s.recv(4096)
    assert reply.startswith(b"HTTP/1.1 200"), reply
    return UPLOAD_BYTES / 1e6 / (time.monotonic() - start)


def measure_upload(nginx, ours):
    for chunked in (False, True):
        before = peak_kib(ours)
        mine, theirs = upload(ours, chunked), upload(nginx, chunked)
        kind = "chunked" if chunked else "with length"
        print(f"upload of 1 GiB, {kind:11}: {mine:.0f} MB/s, nginx {theirs:.0f}; "
              f"our peak memory grew by {peak_kib(ours) - before} KiB", flush=True)


def measure_c(rounds):
    with running(BUILT / "bench" / "relay_upstream") as upstream:
        port = upstream.stdout.readline().strip()
        with fronts(port) as (nginx, ours):
            compare_rates("hello, C upstream, requests/s", rounds, "/hello", 32, nginx, ours)
            compare_rates("1 MiB, C upstream, requests/s", rounds, "/megabyte", 8, nginx, ours)
            for streams in (1, 4, 16):
                compare(f"age of an event, {streams} streams, us", rounds,
                        lambda front, n=streams: age(front, n), nginx, ours)
            measure_upload(nginx, ours)


def measure_uvicorn(rounds):
    python = environment("uvicorn", ["uvicorn[standard]"])
    with tempfile.TemporaryDirectory() as home:
        (pathlib.Path(home) / "app.py").write_text(APP)
        path = f"{home}/socket"
        with running(python, "-m", "uvicorn", "app:app", "--uds", path, "--no-access-log",
                     "--log-level", "warning", cwd=home):
            wait_for(path)
            with fronts(path) as (nginx, ours):
                compare_rates("hello, uvicorn, requests/s", rounds, "/hello", 32, nginx, ours)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'':36} {'ours':>10} {'nginx':>10} {'ratio':>7}   spread")
    measure_c(rounds)
    measure_uvicorn(rounds)


main()
