# SPDX-License-Identifier: MIT
"""How requests reach the server: TLS, proxies, and what may travel there."""
import json

import pytest
from fake_api import API_KEY, FakeApi, Proxy, Verifier, certificate, reply

SEED = "971c2a6674d0861ade72297d11110ce21c93734210527c8f4c9190c00139ce20"
VARIABLES = [name for lower in ("http_proxy", "https_proxy", "no_proxy", "all_proxy")
             for name in (lower, lower.upper())] + ["SSL_CERT_FILE", "SSL_CERT_DIR"]


@pytest.fixture(scope="module")
def verifier():
    verifier = Verifier()
    yield verifier
    verifier.close()


@pytest.fixture(scope="module")
def tls(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("tls"), "DNS:api.test", "IP:127.0.0.1")


@pytest.fixture
def api(verifier, tls):
    """A server with a certificate of a private authority."""
    api = FakeApi(verifier, tls=tls)
    yield api
    api.close()


@pytest.fixture
def proxy(api):
    proxy = Proxy(api.port)
    yield proxy
    proxy.close()


@pytest.fixture
def user(chutes):
    """A hotkey, and an environment that says nothing of the network. user(url) -> arguments"""
    for name in VARIABLES:
        chutes.env.pop(name, None)
    path = chutes.cwd.parent / "config/chutes/config.ini"
    path.parent.mkdir(parents=True)

    def at(url):
        path.write_text(f"[api]\nbase_url = {url}\nscheme = chutes\n[auth]\nhotkey_seed = {SEED}\n")
        path.chmod(0o600)
        return chutes
    return at


def test_a_private_authority(user, api, tls):
    chutes = user(api.url)
    got = chutes("request", "/users/me", check=11)
    assert "certificate" in got.err and "--ca-file names the authority" in got.err
    assert not api.seen
    chutes("request", "/users/me", "--ca-file", tls[0], check=0)
    chutes("request", "/users/me", env={"CHUTES_CA_FILE": str(tls[0])}, check=0)
    chutes("request", "/users/me", env={"SSL_CERT_FILE": str(tls[0])}, check=0)
    assert api.checks.n_verified == 3
    for wrong in ("/nonexistent", tls[1]):
        chutes("request", "/users/me", "--ca-file", wrong, check=11)
    chutes("request", "/users/me", "--ca-file", "/etc/ssl/certs/ca-certificates.crt",
           env={"SSL_CERT_FILE": str(tls[0])}, check=11)  # the option wins


def test_another_hosts_certificate(user, verifier, tmp_path):
    tls = certificate(tmp_path, "DNS:api.test")
    api = FakeApi(verifier, tls=tls)
    user(api.url)("request", "/users/me", "--ca-file", tls[0], check=11)
    api.close()
    assert not api.seen


@pytest.mark.parametrize("way", ["--proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_sees_no_more_than_the_host(user, api, proxy, tls, way):
    words = ["--proxy", proxy.url] if way == "--proxy" else []
    env = {} if words else {way: proxy.url}
    user("https://api.test:8443")("request", "/users/me", "--ca-file", tls[0], *words, env=env,
                                  check=0)
    (method, target, headers), = proxy.seen
    assert (method, target) == ("CONNECT", "api.test:8443")
    assert not [name for name, _ in headers if name.lower().startswith(("x-", "authorization"))]
    assert api.checks.n_verified == 1


def test_a_proxy_for_plain_http(user, proxy):
    """Without a credential: one would travel in plain text."""
    chutes = user("http://api.test")
    got = chutes("request", "/x", "--auth", "none", "--proxy", proxy.url, check=0)
    assert json.loads(got.out) == {"proxied": True}
    assert proxy.seen[0][:2] == ("GET", "http://api.test/x")
    chutes("request", "/users/me", "--proxy", proxy.url, check=4)
    chutes("request", "/users/me", "--auth", "key", "--proxy", proxy.url, check=4,
           env={"CHUTES_API_KEY": API_KEY, "CHUTES_API_URL": "http://api.test"})
    assert len(proxy.seen) == 1


def test_hosts_without_a_proxy(user, api, proxy, tls):
    env = {"https_proxy": proxy.url, "no_proxy": "api.test"}
    user("https://api.test:1")("request", "/x", "--auth", "none", env=env, check=11)
    # this machine is never asked through a proxy
    user(api.url)("request", "/users/me", "--ca-file", tls[0], env={"https_proxy": proxy.url},
                  check=0)
    user(api.url)("request", "/users/me", "--ca-file", tls[0], "--proxy", proxy.url, check=0)
    assert not proxy.seen and api.checks.n_verified == 2


def test_who_does_not_answer(user, port):
    got = user(f"http://127.0.0.1:{port}")("request", "/x", "--auth", "none", check=11)
    assert f"GET http://127.0.0.1:{port}/x: " in got.err
    user("https://api.test:1")("request", "/x", "--auth", "none", "--proxy",
                               f"http://127.0.0.1:{port}", check=11)


def test_a_proxy_that_refuses(user, tls, verifier):
    """Its answer is not the server's."""
    api = FakeApi(verifier)  # no CONNECT there
    got = user("https://api.test")("request", "/users/me", "--proxy", api.url, check=11)
    api.close()
    assert "501" in got.err and not api.seen


@pytest.mark.parametrize("address", [
    "ftp://me:{}@proxy:80", "http://me:{}@proxy:99999", "me:{}@[::1", "http://me:{} @proxy:1",
    "http://me:/{}@proxy:x", "socks9://me:{}@proxy"])
def test_a_proxys_password_is_in_no_message(user, address):
    chutes = user("https://api.test")
    address = address.format("s3cret")
    for words, env in ((["--proxy", address], {}), ([], {"HTTPS_PROXY": address})):
        got = chutes("request", "/x", "--auth", "none", "--debug", "--json", *words, env=env,
                     check=11)
        assert "s3cret" not in got.out + got.err
    got = chutes("doctor", "--json", env={"https_proxy": address})
    assert "s3cret" not in got.out + got.err


def test_redirects_do_not_leave(user, api, verifier, tls):
    plain = FakeApi(verifier)
    api.next(reply(302, b"", Location=f"{plain.url}/x"))
    user(api.url)("request", "/users/me", "--ca-file", tls[0], check=1)
    plain.close()
    assert not plain.seen
