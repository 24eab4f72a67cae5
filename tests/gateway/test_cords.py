# SPDX-License-Identifier: MIT
"""Calls of cords: found, checked, limited, passed on, counted, as the platform answers them."""
import http.client
import json
import socket
import threading

from harness import wait_for

INVALID = (400, {"detail": "Invalid input parameters"})
CORD_ONLY = "\ncords: [{function: hello, public: POST /hello}]"
MODULE = """
version: 1
name: mine
python: {file: app.py, object: chute}
image: {name: mine, base: {debian: bookworm}}
cords: {import: true}
"""
SERVER = """
version: 1
name: served
server: {command: [serve], port: 9000, headers: {X-Given: "by the spec"}}
image: {name: served, base: {debian: bookworm}}
node_selector: {gpu_count: 0}
cords:
  - {function: one, public: POST /one, forward: PUT /first, input: {a: {type: integer, required: true}}}
  - {function: two, public: GET /two, forward: GET /second}
"""


def test_a_call_goes_through(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    reply = chute("POST", "/hello", '{ "name": "Ada" }', {"X-Mine": "yes"})
    assert reply.status == 200
    assert reply.json["path"] == "/hello" and reply.json["method"] == "POST"
    assert reply.json["body"] == '{ "name": "Ada" }', "the same bytes"
    assert reply.json["headers"]["x-mine"] == "yes"
    assert reply.headers["X-Chutes-Conn-Used"] == "1"
    assert reply.headers["X-Chutes-Conn-Available"] == "0"
    assert reply.headers["X-Chutes-Conn-Utilization"] == "1.0000"
    assert "X-Chutes-Stub" not in reply.headers
    assert "Access-Control-Allow-Origin" not in reply.headers


def test_what_is_no_cord(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    for path in "/nope", "/hello/", "/Hello", "/hello/x", "/_nope", "//hello":
        assert chute("POST", path, "{}").said == (404, {"detail": "Not Found"}), path
    for method in "GET", "PUT", "DELETE", "OPTIONS":
        reply = chute(method, "/hello")
        assert reply.said == (405, {"detail": "Method Not Allowed"}), method
        assert reply.headers["Allow"] == "POST"
    head = chute("HEAD", "/hello")
    assert (head.status, head.body, head.headers["Content-Length"]) == (405, b"", "31")
    assert chute("POST", "/openapi.json").headers["Allow"] == "GET, HEAD"
    assert not upstream.seen


def test_input_is_checked_before_the_chute_sees_it(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    for body in ("", "{}", "[]", "null", "[1]", '{"name":1}', '{"name":"a","times":4}', "{bad",
                 b'{"name":"\xff"}', '{"name":"a"} x', '{"name":"a","name":"b"}', "\0"):
        assert chute("POST", "/hello", body).said == INVALID, body
    assert not upstream.seen
    assert chute("POST", "/hello", {"name": "a", "unknown": 1}).status == 200
    assert chute("POST", "/hello", {"name": "a", "times": 3}).status == 200


def test_the_reasons_where_they_are_wanted(gateway, upstream):
    chute = gateway("\ncords: [{function: hello, public: POST /hello, input: {n: {type: integer, "
                    "required: true, ge: 1}}}]", "explain", upstream=upstream.path)
    cases = [
        ({}, "n", "is missing"),
        ({"n": 0}, "n", "must be at least 1"),
        ({"n": "1"}, "n", "must be a whole number, not a string"),
        ([1], None, "must be an object, not a list"),
        ("{", None, "is no JSON: line 1, column 1: string or '}' expected near end of file"),
    ]
    for body, field, problem in cases:
        reply = chute("POST", "/hello", body)
        assert reply.said == (400, {"detail": "Invalid input parameters",
                                    "errors": [{"field": field, "problem": problem}]})


def test_a_query_is_input_too(gateway, upstream):
    chute = gateway("\ncords: [{function: hello, public: GET /hello, input: {n: {type: integer, "
                    "required: true, le: 3}, tags: {type: array, items: string}}}]",
                    upstream=upstream.path)
    assert chute("GET", "/hello?n=3&tags=a&tags=b").json["path"] == "/hello?n=3&tags=a&tags=b"
    for query in "", "?n=4", "?n=x", "?m=1", "?n=1&tags=%ff":
        assert chute("GET", "/hello" + query).said == INVALID, query


def test_what_the_chute_judges_itself_is_streamed(gateway, upstream):
    chute = gateway("\ncords: [{function: hello, public: POST /hello}]", upstream=upstream.path)
    assert chute("POST", "/hello", "{bad").json["body"] == "{bad"
    connection = http.client.HTTPConnection("127.0.0.1", chute.port, timeout=10)
    connection.request("POST", "/hello", iter([b"one", b"two"]), encode_chunked=True,
                       headers={"Transfer-Encoding": "chunked"})
    reply = json.loads(connection.getresponse().read())
    connection.close()
    assert reply["headers"]["transfer-encoding"] == "chunked" and reply["body"] == "onetwo"


def test_a_server_gets_what_its_spec_says(gateway, upstream):
    chute = gateway(SERVER, upstream=upstream.path)
    one = chute("POST", "/one?x=1", '{"a":"not checked here, as deployed"}', {"X-Given": "by me"})
    assert (one.json["method"], one.json["path"]) == ("PUT", "/first?x=1")
    assert one.json["headers"]["x-given"] == "by the spec"
    assert chute("GET", "/two").json["path"] == "/second"
    assert chute("PUT", "/first").status == 404


def test_one_after_the_other_is_never_too_many(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    for _ in range(100):
        assert chute("POST", "/hello", {"name": "Ada"}).status == 200


def test_two_cords_with_one_route(gateway, upstream):
    spec = SERVER[:SERVER.index("cords:")] + """
cords:
  - {function: words, public: POST /say, forward: POST /words, stream: true}
  - {function: whole, public: POST /say, forward: POST /whole}
"""
    chute = gateway(spec, upstream=upstream.path)
    asked = {'{"stream": true}': "/words", '{"stream": false}': "/whole", "{}": "/whole", "": "/whole",
             "{bad": "/whole", "[" * 100: "/whole"}
    for body, path in asked.items():
        reply = chute("POST", "/say", body)
        assert (reply.json["path"], reply.json["body"]) == (path, body), "the server judges the rest"
    assert chute("POST", "/say?stream=true", "").json["path"] == "/words?stream=true"
    wait_for(lambda: b'function="words",status="200"} 2.0' in chute("GET", "/_metrics").body)


def test_no_more_at_once_than_the_spec_allows(gateway, upstream):
    going = threading.Event()
    upstream.answer = lambda handler: (going.wait(20), handler.send("{}"))
    chute = gateway("\nscaling: {concurrency: 2}\ncords: [{function: hello, public: POST /hello}]",
                    upstream=upstream.path)
    replies = []
    threads = [threading.Thread(target=lambda: replies.append(chute("POST", "/hello", "{}")))
               for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(upstream.seen) == 2)
    assert chute("POST", "/hello", "{}").said == (429, {
        "error": "RateLimitExceeded",
        "detail": "Max concurrency exceeded: 2, try again later."})
    stats = chute("GET", "/_conn_stats").json
    assert stats.pop("oldest_in_flight_age_secs") >= 0
    assert stats == {"concurrency": 2, "in_flight": 2, "available": 0, "utilization": 1.0}
    assert chute("GET", "/_ping").status == 200, "private paths are exempt"
    going.set()
    for thread in threads:
        thread.join()
    assert [reply.status for reply in replies] == [200, 200]
    wait_for(lambda: chute("GET", "/_conn_stats").json["in_flight"] == 0)
    assert chute("GET", "/_conn_stats").body == (
        b'{"concurrency":2,"in_flight":0,"available":2,"utilization":0.0,'
        b'"oldest_in_flight_age_secs":null}')


def test_a_hang_up_frees_the_slot_and_is_counted(gateway, upstream):
    gone = threading.Event()

    def answer(handler):
        handler.connection.settimeout(20)
        if handler.connection.recv(1) == b"":
            gone.set()

    upstream.answer = answer
    chute = gateway(upstream=upstream.path)
    with socket.create_connection(("127.0.0.1", chute.port)) as client:
        client.sendall(b'POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n\r\n'
                       b'{"name":"Ada"}')
        wait_for(lambda: upstream.seen)
    assert gone.wait(10), "the call is cancelled"
    wait_for(lambda: chute("GET", "/_conn_stats").json["in_flight"] == 0)
    wait_for(lambda: b'function="hello",status="499"} 1.0' in chute("GET", "/_metrics").body)
    wait_for(lambda: "POST /hello 499" in chute.log)


def test_an_sglang_server_is_told(gateway, upstream):
    told = []

    def answer(handler):
        if handler.path == "/abort_request":
            told.append(json.loads(handler.body))
            handler.send("{}")
            return
        handler.connection.settimeout(20)
        handler.connection.recv(1)

    upstream.answer = answer
    chute = gateway(SERVER.replace("forward: PUT /first", "forward: PUT /first, abort_on_disconnect: true"),
                    upstream=upstream.path)
    with socket.create_connection(("127.0.0.1", chute.port)) as client:
        client.sendall(b'POST /one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n{"a":1}')
        wait_for(lambda: upstream.seen)
        sent = json.loads(upstream.seen[0].body)
    wait_for(lambda: told)
    assert sent == {"rid": told[0]["rid"], "a": 1} and len(sent["rid"]) == 32


def test_the_limit_of_a_call(gateway, upstream):
    going = threading.Event()
    upstream.answer = lambda handler: going.wait(20)
    chute = gateway(SERVER.replace("forward: GET /second", "forward: GET /second, timeout: 1s"),
                    upstream=upstream.path)
    reply = chute("GET", "/two")
    going.set()
    assert reply.status == 504 and "1 s" in reply.json["detail"]
    wait_for(lambda: b'function="two",status="500"} 1.0' in chute("GET", "/_metrics").body)


def test_a_chute_that_is_not_there(gateway, upstream, tmp_path):
    chute = gateway(upstream=tmp_path / "nobody.sock")
    reply = chute("POST", "/hello", {"name": "Ada"})
    assert reply.status == 502 and "connecting to the chute" in reply.json["detail"]
    assert reply.headers["X-Chutes-Conn-Used"] == "1"

    chute.tell("starting it loads its model")
    for path in "/hello", "/_ping":
        reply = chute("POST", path, "{}")
        assert reply.said == (503, {"detail": "it loads its model"})
        assert reply.headers["Retry-After"] == "1"
    chute.tell("down out of memory: raise its limit")
    assert chute("POST", "/hello", "{}").said == (502, {"detail": "out of memory: raise its limit"})
    assert chute("GET", "/_ping").status == 502
    for path in "/", "/openapi.json", "/_metrics", "/_conn_stats":
        assert chute("GET", path).status == 200, path
    chute.tell("ready")
    assert chute("GET", "/_ping").said == (200, {"ready": True})


def test_ping_echoes(gateway):
    chute = gateway(CORD_ONLY, "stub")
    assert chute("POST", "/_ping", '{ "b": 1, "a": [1.5, null] }').body == b'{"b":1,"a":[1.5,null]}'
    assert chute("POST", "/_ping", "{bad").said == INVALID
    assert chute("DELETE", "/_ping").headers["Allow"] == "GET, HEAD, POST"


def test_cords_that_a_module_registers(gateway, upstream):
    chute = gateway(MODULE, files={"app.py": "chute = 1\n"}, upstream=upstream.path)
    assert chute("POST", "/a", "{}").status == 404
    chute.tell("starting soon")
    assert chute("POST", "/a", "{}").said == (503, {"detail": "soon"})
    assert "'function' is missing" in chute.tell("cords [{}]")
    cords = [{"function": "a", "public_api_path": "/a", "public_api_method": "POST"}]
    assert chute.tell("cords " + json.dumps({"cords": cords, "concurrency": 5})) == "ok"
    chute.tell("ready")
    assert chute("POST", "/a", "{}").status == 200
    assert chute("GET", "/_conn_stats").json["concurrency"] == 5
    assert list(chute("GET", "/openapi.json").json["paths"]) == ["/a"]
    # the same again, as after a restart, keeps the counts
    assert chute.tell("cords " + json.dumps({"cords": cords, "concurrency": 5})) == "ok"
    wait_for(lambda: b'function="a",status="200"} 1.0' in chute("GET", "/_metrics").body)
    assert chute.tell("cords []") == "ok"
    assert chute("POST", "/a", "{}").status == 404
    assert chute.tell("cords " + json.dumps({"cords": [], "concurrency": -1})) == (
        "cords of the module: 'concurrency' must be at least 1, not -1")
    stub = gateway(MODULE, "stub", files={"app.py": "chute = 1\n"})
    assert "list them in the spec" in stub("POST", "/a", "{}").json["detail"]


def test_cords_of_a_spec_stay_as_it_says(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    told = [{"function": "hello", "public_api_path": "/hello", "public_api_method": "POST"}]
    assert chute.tell("cords " + json.dumps(told)) == "ok"
    assert chute("POST", "/hello", {"name": 1}).said == INVALID
    assert not upstream.seen


def test_concurrency_of_a_module(gateway, upstream):
    """It counts where the spec says none, whoever lists the cords."""
    files = {"app.py": "chute = 1\n"}
    told = "cords " + json.dumps({"cords": [], "concurrency": 5})
    listed = MODULE.replace("{import: true}", "[{function: hello, public: POST /hello}]")
    for spec, before, after in (
            (MODULE, 1, 5), (listed, 1, 5), (MODULE + "scaling: {max_instances: 2}\n", 1, 5),
            (MODULE + "scaling: {concurrency: 3}\n", 3, 3),
            (listed + "scaling: {concurrency: 1}\n", 1, 1)):
        chute = gateway(spec, files=files, upstream=upstream.path)
        assert chute("GET", "/_conn_stats").json["concurrency"] == before, spec
        assert chute.tell(told) == "ok"
        assert chute("GET", "/_conn_stats").json["concurrency"] == after, spec
    handlers = gateway(CORD_ONLY, upstream=upstream.path)
    assert handlers.tell(told) == "ok"
    assert handlers("GET", "/_conn_stats").json["concurrency"] == 1


def test_hosts(gateway):
    chute = gateway(CORD_ONLY, "stub")
    for host in ("localhost", f"localhost:{chute.port}", "127.0.0.1", "127.1.2.3:1", "[::1]:8000",
                 "a.localhost", "LOCALHOST"):
        assert chute("GET", "/_ping", headers={"Host": host}).status == 200, host
    for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evillocalhost",
                 "10.0.0.1", "1270.0.0.1"):
        reply = chute("GET", "/_ping", headers={"Host": host})
        assert reply.status == 403 and f"'{host}'" in reply.json["detail"], host
        assert chute("POST", "/hello", "{}", {"Host": host}).status == 403
    everywhere = gateway(CORD_ONLY, "stub", "any-host")
    assert everywhere("GET", "/_ping", headers={"Host": "chute.example"}).status == 200


def test_pages_of_other_origins(gateway):
    mine = {"Origin": "https://app.example"}
    preflight = {**mine, "Access-Control-Request-Method": "POST",
                 "Access-Control-Request-Headers": "content-type"}
    closed = gateway(CORD_ONLY, "stub")
    refused = closed("POST", "/hello", "{}", mine)
    assert "Access-Control-Allow-Origin" not in refused.headers
    assert refused.status == 403 and "may not call the chute" in refused.json["detail"]
    assert closed("OPTIONS", "/hello", headers=preflight).status == 403
    own = {"Host": "localhost:9", "Origin": "http://localhost:9"}
    assert closed("POST", "/hello", "{}", own).status == 200
    chute = gateway(CORD_ONLY, "stub", "cors=https://app.example")
    reply = chute("OPTIONS", "/hello", headers=preflight)
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert reply.headers["Access-Control-Allow-Headers"] == "content-type"
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    for path, status in (("/hello", 200), ("/nope", 404)):
        reply = chute("POST", path, "{}", mine)
        assert reply.status == status
        assert reply.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert reply.headers["Vary"] == "Origin"
    other = chute("POST", "/hello", "{}", {"Origin": "https://evil.example"})
    assert other.status == 403 and "Access-Control-Allow-Origin" not in other.headers
    assert chute("OPTIONS", "/hello", headers={**preflight, "Origin": "null"}).status == 403
    anyone = gateway(CORD_ONLY, "stub", "cors=*")
    assert anyone("GET", "/_ping", headers=mine).headers["Access-Control-Allow-Origin"] == "*"


def test_only_one_says_who_may_read(gateway, upstream):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Access-Control-Allow-Origin", "https://chute.example")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    upstream.answer = answer
    closed = gateway(CORD_ONLY, upstream=upstream.path)
    assert closed("POST", "/hello", "{}").headers.get_all("Access-Control-Allow-Origin") is None
    chute = gateway(CORD_ONLY, "cors=https://app.example", upstream=upstream.path)
    reply = chute("POST", "/hello", "{}", {"Origin": "https://app.example"})
    assert reply.headers.get_all("Access-Control-Allow-Origin") == ["https://app.example"]


def test_upgrades_are_refused(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    reply = chute("GET", "/hello", headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    assert reply.status == 426 and reply.json["detail"]
    assert not upstream.seen


def test_a_body_beyond_the_limit(gateway, upstream):
    chute = gateway(upstream=upstream.path)
    head = "POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    with socket.create_connection(("127.0.0.1", chute.port)) as client:
        client.sendall((head % (256 * 1024 * 1024 + 1)).encode())
        answer = client.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 413 ") and "268435456 bytes" in answer
    assert not upstream.seen
