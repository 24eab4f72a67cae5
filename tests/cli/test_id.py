# SPDX-License-Identifier: MIT
"""chutes id: identifiers as the platform makes them, without asking it."""
import json
import uuid

import pytest
from harness import ROOT

VECTORS = json.loads((ROOT / "tests/vectors/ids.json").read_text())
USER = "3f1c0f1e-9f0a-5d62-9d2e-6d3b3f6f0a01"
SPEC = """\
version: 1
username: ada_1
name: hello
server: {command: [a], port: 9000}
image: {name: hello, tag: "0.1", base: {debian: bookworm}}
cords: [{function: f, public: GET /f, forward: GET /f}]
secrets: [{name: HF_TOKEN}, {name: OTHER}]
"""


def id_of(text):
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text))


@pytest.fixture
def project(chutes):
    (chutes.cwd / "chute.yaml").write_text(SPEC)
    return chutes.cwd


@pytest.mark.parametrize("case", VECTORS["server"], ids=lambda case: case["text"])
def test_golden(chutes, case):
    assert id_of(case["text"]) == case["id"]
    assert chutes("id", *case["words"], check=0).out == case["id"] + "\n"


@pytest.mark.parametrize("case", VECTORS["client"], ids=lambda case: case["image"])
def test_what_the_python_client_asks_for(chutes, case):
    got = chutes("id", "image", case["image"], "--json", check=0).json
    assert got["result"]["client_id"] == case["id"]
    assert got["result"]["id"] == id_of(case["image"])
    has_capitals = case["image"] != case["image"].lower()
    assert [case["id"] in warning for warning in got["warnings"]] == [True] * has_capitals


def test_only_the_users_name_becomes_small(chutes):
    got = chutes("id", "image", "Big:Tag", "--username", "Ada", check=0)
    assert got.out.strip() == id_of("ada/Big:Tag")
    assert got.err.startswith("warning: the Python client never finds 'Big:Tag'")
    assert id_of("ada/big:tag") in got.err
    assert chutes("id", "image", "b:t", "--username", "Ada", check=0).err == ""
    assert chutes("id", "chute", "Big", "--username", "Ada").out.strip() == id_of("Ada::chute::Big")


def test_of_the_spec(chutes, project):
    image, chute = id_of("ada_1/hello:0.1"), id_of("ada_1::chute::hello")
    assert chutes("id", "image", check=0).out.strip() == image
    assert chutes("id", "chute", check=0).out.strip() == chute
    code = chutes("render", "--what", "code", check=0).out
    assert chutes("id", "version", check=0).out.strip() == id_of(f"{image}:initial:{code}")
    secrets = chutes("id", "secret", "--user-id", USER, "--json", check=0).json["result"]["secrets"]
    assert secrets == [{"key": key, "id": id_of(f"{USER}:{chute}:{key}")}
                       for key in ("HF_TOKEN", "OTHER")]
    assert chutes("id", "chute", "--username", "bob", check=0).out.strip() == \
        id_of("bob::chute::hello")


def test_a_tag_of_the_content(chutes, project):
    spec = project / "chute.yaml"
    spec.write_text(SPEC.replace('tag: "0.1", ', ""))
    name = json.loads(chutes("render", "--what", "payload", check=0).out)["image"]
    assert name.startswith("ada_1/hello:")
    assert chutes("id", "image", check=0).out.strip() == id_of(name)


def test_an_image_that_is_not_built(chutes, project):
    (project / "chute.yaml").write_text(
        SPEC.replace('{name: hello, tag: "0.1", base: {debian: bookworm}}', "chutes/vllm:0.6.3"))
    assert chutes("id", "image", check=0).out.strip() == VECTORS["server"][0]["id"]
    assert chutes("id", "image", "--username", "me_2", check=0).out.strip() == \
        VECTORS["server"][0]["id"]


def test_versions(chutes):
    image = VECTORS["server"][0]["id"]
    (chutes.cwd / "app.py").write_text("x = 1\n")
    words = ("id", "version", "--code", "app.py", "--image")
    assert chutes(*words, image).out.strip() == id_of(f"{image}:initial:x = 1\n")
    assert chutes(*words, "chutes/vllm:0.6.3").out.strip() == id_of(f"{image}:initial:x = 1\n")
    assert chutes(*words, image, "--patch", "0123456789ab").out.strip() == \
        id_of(f"{image}:0123456789ab:x = 1\n")
    got = chutes(*words, image, "--patch", "none", "--json").json["result"]
    assert got == {"image_id": image, "patch_version": None, "id": id_of(f"{image}:x = 1\n")}
    (chutes.cwd / "app.py").write_bytes(b"x\0y")
    assert "'app.py' is not text" in chutes(*words, image, check=2).err
    (chutes.cwd / "app.py").write_text("x" * (1 << 20))
    chutes(*words, image, check=0)
    (chutes.cwd / "app.py").write_text("x" * ((1 << 20) + 1))
    assert "more than the limit" in chutes(*words, image, check=1).err


def test_the_configured_user(chutes):
    chutes("config", "set", "auth.username", "ada", check=0)
    assert chutes("id", "chute", "c", check=0).out.strip() == id_of("ada::chute::c")
    assert chutes("id", "image", "c:1", check=0).out.strip() == id_of("ada/c:1")
    chutes("config", "set", "auth.user_id", USER, check=0)
    secret = id_of(f"{USER}:{id_of('ada::chute::c')}:KEY")
    assert chutes("id", "secret", "KEY", "--chute", "c", check=0).out == secret + "\n"
    several = chutes("id", "secret", "KEY", "B", "--chute", id_of("ada::chute::c"), check=0).out
    assert several.splitlines()[0] == f"{secret}  KEY"


@pytest.mark.parametrize("words, message", [
    (["image", "hello"], "'hello' is no image of the platform"),
    (["image", "hello:"], "'hello:' is no image of the platform"),
    (["image", ":1"], "':1' is no image of the platform"),
    (["image", "a:b:c"], "'a:b:c' is no image of the platform"),
    (["image", "a/b/c:1"], "'a/b/c:1' is no image of the platform"),
    (["image", "ada/b:1", "--username", "bob"], "'ada/b:1' is not an image of 'bob'"),
    (["image", "x/b:1"], "'x' is not 3 to 15 letters"),
    (["chute", "c", "--username", "a" * 16], "is not 3 to 15 letters"),
    (["chute", ""], "'id chute': an argument is empty"),
    (["secret", "K", "--chute", USER], "needs the id of its user"),
    (["secret", "K", "--chute", USER, "--user-id", "ada"], "--user-id 'ada' is no UUID"),
    (["secret", "K", "--chute", USER, "--user-id", USER.upper()], "is no UUID in small letters"),
    (["secret", "", "--chute", USER, "--user-id", USER], "an argument is empty"),
])
def test_what_has_no_id(chutes, words, message):
    got = chutes("id", *words, check=2)
    assert message in got.err and got.out == ""


def test_nobody(chutes):
    assert "nothing says a username" in chutes("id", "chute", "c", check=3).err
    assert "no chute.yaml" in chutes("id", "chute", check=5).err
