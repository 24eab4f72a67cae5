# SPDX-License-Identifier: MIT
"""Clients that go or dawdle and a chute that dies: nothing hangs, nothing is left, nobody is told
that an answer is whole when it is not."""
import http.client
import os
import socket
import threading
import time

import pytest
from harness import wait_for

CORDS = """
cords:
  - {function: hello, public: POST /hello}
  - {function: look, public: GET /look}
"""
CODE = "async def hello(self):\n    return {}\n\n\nasync def look(self):\n    return {}\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def connect(chute, text=b""):
    client = socket.create_connection(("127.0.0.1", chute.port), timeout=20)
    client.sendall(text)
    return client


def read_all(client):
    data = bytearray()
    try:
        while piece := client.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return bytes(data)


def stream_until_gone(gone):
    """An answer that ends only when it cannot be written any more."""
    def answer(handler):
        try:
            handler.wfile.write(CHUNKED)
            while True:
                handler.wfile.write(b"7\r\ndata: 1\r\n")
                time.sleep(0.01)
        except OSError:
            gone.set()
            handler.close_connection = True
    return answer


def test_a_hang_up_in_a_stream_ends_it_and_gives_the_slot_back(gateway, upstream):
    gone = threading.Event()
    upstream.answer = stream_until_gone(gone)
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    for _ in range(3):
        gone.clear()
        connection, response = chute.open("GET", "/look")
        assert response.status == 200 and response.read(7) == b"data: 1"
        connection.close()
        response.close()
        assert gone.wait(10)
    upstream.answer = None
    wait_for(lambda: chute("GET", "/look").status == 200)  # its slot is free again


def test_a_hang_up_before_the_answer_ends_the_call(gateway, upstream):
    ended = threading.Event()

    def wait_for_end(handler):
        handler.connection.settimeout(10)
        if handler.connection.recv(1) == b"":
            ended.set()
        handler.close_connection = True

    upstream.answer = wait_for_end
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    client = connect(chute, b"GET /look HTTP/1.1\r\nHost: localhost\r\n\r\n")
    wait_for(lambda: upstream.seen)
    client.close()
    assert ended.wait(10)
    wait_for(lambda: "GET /look 499" in chute.log)


@pytest.mark.parametrize("framing", ["Transfer-Encoding: chunked", "Content-Length: 1000"])
def test_a_chute_that_dies_in_its_answer(gateway, upstream, framing):
    def die(handler):
        handler.wfile.write(HEAD + framing.encode() + b"\r\n\r\n7\r\ndata: 1\r\n")
        handler.close_connection = True

    upstream.answer = die
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    connection, response = chute.open("GET", "/look")
    with pytest.raises(http.client.IncompleteRead):
        response.read()
    connection.close()
    upstream.answer = None
    assert chute("GET", "/look").status == 200


def test_a_chute_that_dies_before_its_answer(gateway, upstream):
    def die(handler):
        handler.close_connection = True

    upstream.answer = die
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    reply = chute("POST", "/hello", "{}")
    assert reply.status == 502
    assert "closed the connection before it answered" in reply.json["detail"]
    os.unlink(upstream.path)
    reply = chute("POST", "/hello", "{}")
    assert reply.status == 502 and "connecting to the chute" in reply.json["detail"]


def test_a_client_that_reads_nothing_holds_up_nobody_else(gateway, upstream):
    size = 32 << 20

    def flood(handler):
        handler.send(b"x" * size)

    chute = gateway(CORDS + "scaling: {concurrency: 4}\n", files={"app.py": CODE}, upstream=upstream.path)
    upstream.answer = flood
    slow = connect(chute, b"GET /look HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    wait_for(lambda: upstream.seen)
    upstream.answer = None
    for _ in range(20):
        assert chute("POST", "/hello", "{}").status == 200
    data = read_all(slow)
    assert data.endswith(b"x") and len(data) > size, "and gets all of it in the end"
    slow.close()


def test_a_client_that_sends_a_byte_at_a_time(gateway, upstream):
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    client = connect(chute)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in (b"POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                 b"Connection: close\r\n\r\n{}"):
        client.sendall(bytes([byte]))
    assert read_all(client).startswith(b"HTTP/1.1 200 ")
    assert len(upstream.seen) == 1 and upstream.seen[0].body == b"{}"


def test_many_half_heads_do_not_stop_the_gateway(gateway, upstream):
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    clients = [connect(chute, b"POST /hello HTTP/1.1\r\nHost: loc") for _ in range(200)]
    assert chute("GET", "/_ping").status == 200
    assert chute("POST", "/hello", "{}").status == 200
    for client in clients:
        client.close()
    assert chute("GET", "/_ping").status == 200


def test_a_body_that_stops_half_way_ends_with_its_client(gateway, upstream):
    chute = gateway(CORDS, files={"app.py": CODE}, upstream=upstream.path)
    client = connect(chute, b"POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{")
    assert chute("GET", "/_ping").status == 200
    client.close()
    wait_for(lambda: "POST /hello 499" in chute.log)
    wait_for(lambda: chute("POST", "/hello", "{}").status == 200)


def test_a_body_that_is_wrong_is_not_the_chutes_fault(gateway, upstream):
    chute = gateway(CORDS, "cors=https://a.example", files={"app.py": CODE}, upstream=upstream.path)
    client = connect(chute, b"POST /hello HTTP/1.1\r\nHost: localhost\r\nOrigin: https://a.example\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n")
    heard = read_all(client)
    client.close()
    assert heard.startswith(b"HTTP/1.1 400 ") and b"Connection: close" in heard
    assert b"Access-Control-Allow-Origin: https://a.example\r\n" in heard
    assert not upstream.seen or upstream.seen[0].body != b"{}}"


def test_the_chutes_own_cors_headers_are_not_added_to_ours(gateway, upstream):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Access-Control-Allow-Origin", "*")
        handler.send_header("X-Chutes-Conn-Used", "7")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    upstream.answer = answer
    chute = gateway(CORDS, "cors=https://a.example", files={"app.py": CODE}, upstream=upstream.path)
    reply = chute("GET", "/look", headers={"Origin": "https://a.example"})
    assert reply.headers.get_all("Access-Control-Allow-Origin") == ["https://a.example"]
    assert reply.headers.get_all("X-Chutes-Conn-Used") == ["1"]


def test_a_chute_that_speaks_no_http(gateway, tmp_path):
    path = tmp_path / "odd.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def say():
            client, _ = listener.accept()
            with client:
                client.recv(65536)
                client.sendall(b"220 mail.example ESMTP\r\n\r\n")

        thread = threading.Thread(target=say)
        thread.start()
        reply = gateway(CORDS, files={"app.py": CODE}, upstream=path)("GET", "/look")
        thread.join()
    assert reply.status == 502 and "is not HTTP/1.1" in reply.json["detail"]
