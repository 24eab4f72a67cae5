"""Answers as vLLM's server does, without a model: it says the last message back, word by word."""
from __future__ import annotations

import argparse
import http.server
import json
import time
from typing import Any, Iterator

WORD_S = 0.1


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model = key = ""

    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer({})
        elif self.is_allowed() and self.path == "/v1/models":
            self.answer({"object": "list", "data": [{"id": self.model, "object": "model"}]})
        else:
            self.refuse(404, "Not Found")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.is_allowed():
            return self.refuse(401, "Unauthorized")
        if self.path == "/tokenize":
            tokens = list(body["prompt"].encode())
            return self.answer({"count": len(tokens), "tokens": tokens})
        if self.path == "/detokenize":
            return self.answer({"prompt": bytes(body["tokens"]).decode()})
        if body.get("model") != self.model:
            return self.refuse(404, f"The model `{body.get('model')}` does not exist.")
        is_chat = self.path == "/v1/chat/completions"
        text = body["messages"][-1]["content"] if is_chat else body["prompt"]
        words = text.split()[: body.get("max_tokens", 16)]
        if body.get("stream"):
            return self.stream(self.chunks(is_chat, words))
        said = " ".join(words)
        choice = {"message": {"role": "assistant", "content": said}} if is_chat else {"text": said}
        kind = "chat.completion" if is_chat else "text_completion"
        self.answer(self.completion(kind, {**choice, "finish_reason": "stop"}))

    def is_allowed(self) -> bool:
        return self.headers["Authorization"] == f"Bearer {self.key}"

    def completion(self, kind: str, choice: dict[str, Any]) -> dict[str, Any]:
        return {"id": "cmpl-1", "object": kind, "model": self.model,
                "choices": [{"index": 0, **choice}]}

    def chunks(self, is_chat: bool, words: list[str]) -> Iterator[str]:
        kind = "chat.completion.chunk" if is_chat else "text_completion"
        for word in words:
            choice = {"delta": {"content": word}} if is_chat else {"text": word}
            yield json.dumps(self.completion(kind, choice))
            time.sleep(WORD_S)
        yield "[DONE]"

    def stream(self, events: Iterator[str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            data = f"data: {event}\n\n".encode()
            self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def answer(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, status: int, message: str) -> None:
        self.answer({"object": "error", "message": message, "code": status}, status)


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("--host", "--api-key", "--served-model-name", "--revision"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, required=True)
    args, _ = parser.parse_known_args()
    Handler.model, Handler.key = args.served_model_name, args.api_key
    http.server.ThreadingHTTPServer((args.host, args.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
