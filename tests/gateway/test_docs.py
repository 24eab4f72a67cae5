# SPDX-License-Identifier: MIT
"""The page of forms in a real browser: filled, sent, and read."""
import json
import threading

import pytest
from browser import Browser
from conftest import ROOT
from test_documents import EVERY_FIELD, template


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()


@pytest.fixture
def browser(shared):
    shared.events.clear()
    return shared


def show(browser, chute):
    browser.open(f"http://{chute.address}/")
    browser.wait("document.querySelectorAll('section').length > 0")
    return browser


def send(browser, card="section"):
    browser.run(f"document.querySelector('{card} button[type=submit]').click()")
    browser.wait(f"/·.* s ·/.test(document.querySelector('{card} .answer > p').textContent) && "
                 f"!document.querySelector('{card} button[type=submit]').disabled")
    return browser.run(f"document.querySelector('{card} .answer').innerText")


def test_the_cord_of_hello(browser, gateway):
    example = ROOT / "examples/hello"
    chute = gateway((example / "chute.yaml").read_text(), "stub",
                    files={"app.py": (example / "app.py").read_text()})
    show(browser, chute)
    assert browser.run("document.title") == "hello"
    browser.wait("document.querySelector('#state').textContent === 'ready'")
    name = "#cord-0 input[name=name]"
    assert browser.run(f"document.querySelector('{name}').value") == "Ada", "the example"
    browser.type(name, "Grace <b>O'Neil</b>")
    browser.press("Enter", 13, text="\r")
    browser.wait("document.querySelector('#cord-0 .answer').innerText.includes('Grace')")
    answer = browser.run("document.querySelector('#cord-0 .answer pre').textContent")
    assert json.loads(answer)["input"] == {"name": "Grace <b>O'Neil</b>"}
    status = browser.run("document.querySelector('#cord-0 .answer > p').textContent")
    assert status.startswith("200 OK · stub") and "application/json" in status
    curl = browser.run("document.querySelector('#cord-0 details pre').textContent")
    assert curl == (f"curl http://{chute.address}/hello -H 'Content-Type: application/json' -d "
                    "'{\"name\":\"Grace <b>O'\\''Neil</b>\"}'")
    assert browser.faults() == []


def test_what_is_wrong_is_said_at_its_field(browser, gateway):
    chute = gateway("\ncords: [{function: hello, public: POST /hello, input: {name: {type: string, "
                    "required: true}, n: {type: integer, le: 3}}}]", "stub", "explain")
    show(browser, chute)
    browser.run("document.querySelector('#cord-0 button[type=submit]').click()")
    browser.wait("document.querySelector('#cord-0-name-wrong').textContent === 'is needed'")
    assert browser.run("document.activeElement.name") == "name"
    browser.type("#cord-0-name", "Ada")
    browser.type("#cord-0-n", "4")
    assert "400 Bad Request" in send(browser)
    assert browser.run("document.querySelector('#cord-0-n-wrong').textContent") == "must be at most 3"
    assert browser.run("document.querySelector('#cord-0-n').getAttribute('aria-invalid')") == "true"


def test_every_kind_of_field(browser, gateway):
    as_json = EVERY_FIELD.replace("output: {content_type: image/png}", "stream: false")
    chute = gateway(as_json, "stub", "explain")
    show(browser, chute)
    tags = browser.run("Object.fromEntries([...document.querySelectorAll('#cord-0 [name]')]"
                       ".map((one) => [one.name, one.tagName + ':' + one.type]))")
    assert tags["text"] == "INPUT:text" and tags["whole"] == "INPUT:number"
    assert tags["flag"] == tags["one"] == "SELECT:select-one"
    assert tags["list"] == tags["inner"] == tags["any"] == "TEXTAREA:textarea"
    assert tags["file"] == "INPUT:file"
    unlabelled = browser.run("[...document.querySelectorAll('input, select, textarea')]"
                             ".filter((one) => !one.labels.length).length")
    assert unlabelled == 0
    browser.type("#cord-0-text", "abc")
    browser.type("#cord-0-whole", "6")
    browser.type("#cord-0-real", "0.75")
    browser.type("#cord-0-list", "[[1, 2]]")
    browser.type("#cord-0-inner", '{"deep": {"x": 1}}')
    browser.run("document.querySelector('#cord-0-flag').value = 'true';"
                "document.querySelector('#cord-0-one').value = '\"b\"';"
                "const files = new DataTransfer(); files.items.add(new File(['stub'], 'a.png'));"
                "document.querySelector('#cord-0-file').files = files.files")
    send(browser, "#cord-0")
    answer = json.loads(browser.run("document.querySelector('#cord-0 .answer pre').textContent"))
    assert answer["input"] == {"text": "abc", "whole": 6, "real": 0.75, "flag": True, "one": "b",
                               "list": [[1, 2]], "inner": {"deep": {"x": 1}}, "file": "c3R1Yg=="}
    browser.type("#cord-0-list", "[[")
    browser.run("document.querySelector('#cord-0 button[type=submit]').click()")
    browser.wait("document.querySelector('#cord-0-list-wrong').textContent.startsWith('is no JSON')")
    # a query
    browser.type("#cord-1-q", "a b&c")
    browser.type("#cord-1-n", "2")
    send(browser, "#cord-1")
    answer = json.loads(browser.run("document.querySelector('#cord-1 .answer pre').textContent"))
    assert answer["input"] == {"q": "a b&c", "n": 2}


def test_pictures_and_sounds_are_shown(browser, gateway):
    cord = "\ncords: [{function: hello, public: POST /hello, output: {content_type: %s}}]"
    show(browser, gateway(cord % "image/png", "stub"))
    send(browser)
    browser.wait("document.querySelector('.answer img')?.naturalWidth === 8")
    show(browser, gateway(cord % "audio/wav", "stub"))
    send(browser)
    browser.wait("document.querySelector('.answer audio')?.duration > 0.09")
    assert browser.faults() == []


def test_a_stream_is_shown_as_it_comes(browser, gateway, upstream):
    more = threading.Event()

    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(b"data: first\n\n")
        more.wait(20)
        handler.wfile.write(b"data: second\n\n")
        handler.close_connection = True

    upstream.answer = answer
    chute = gateway("\ncords: [{function: sing, public: POST /sing, stream: true}]",
                    upstream=upstream.path)
    show(browser, chute)
    browser.run("document.querySelector('button[type=submit]').click()")
    browser.wait("document.querySelector('.answer pre')?.textContent === 'data: first\\n\\n'")
    more.set()
    browser.wait("document.querySelector('.answer pre')?.textContent.endsWith('second\\n\\n')")

    more.clear()
    browser.wait("!document.querySelector('button[type=submit]').disabled")
    browser.run("document.querySelector('button[type=submit]').click()")
    browser.wait("document.querySelector('.answer pre')?.textContent === 'data: first\\n\\n'")
    browser.run("[...document.querySelectorAll('button')].find((b) => b.textContent === 'Stop').click()")
    browser.wait("document.querySelector('.answer > p').textContent.endsWith('stopped')")
    more.set()


def test_words_of_a_language_model(browser, gateway):
    show(browser, gateway(template("vllm"), "stub"))
    card = "#" + browser.run("[...document.querySelectorAll('section')].find((one) => "
                             "one.innerText.includes('/v1/chat/completions')).id")
    browser.type(f"{card}-model", "m")
    browser.type(f"{card}-messages", '[{"role": "user", "content": "hello"}]')
    browser.run(f"document.querySelector('{card}-stream').value = 'true'")
    send(browser, card)
    assert browser.run(f"document.querySelector('{card} .said').textContent").startswith("This is a stub")


def test_for_people_who_do_not_see_or_use_a_mouse(browser, gateway):
    chute = gateway(EVERY_FIELD, "stub")
    show(browser, chute)
    tree = browser.send("Accessibility.getFullAXTree")["nodes"]
    nameless = [node["role"]["value"] for node in tree
                if node.get("role", {}).get("value") in
                ("textbox", "button", "combobox", "spinbutton", "link", "form", "region")
                and not node.get("name", {}).get("value")]
    assert nameless == []
    browser.press("Tab", 9)
    assert browser.run("document.activeElement.className") == "skip"
    for scheme in "dark", "light":
        browser.send("Emulation.setEmulatedMedia",
                     features=[{"name": "prefers-color-scheme", "value": scheme}])
        colour = browser.run("getComputedStyle(document.body).backgroundColor")
        assert (int(colour[4:].split(",")[0]) < 128) == (scheme == "dark")


def test_a_chute_that_is_not_there_yet(browser, gateway, tmp_path):
    chute = gateway(upstream=tmp_path / "nobody.sock")
    chute.tell("starting it loads its model")
    show(browser, chute)
    browser.wait("document.querySelector('#state').textContent === 'it loads its model'")
    chute.tell("ready")
    browser.wait("document.querySelector('#state').textContent === 'ready'")
