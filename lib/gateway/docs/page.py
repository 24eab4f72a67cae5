# SPDX-License-Identifier: MIT
"""The page of forms as one file, and the policy under which a browser runs just its own script.

Arguments: page.html, page.css, page.js, and "page" or "policy". Writes an array of C to standard
output."""
import base64
import hashlib
import sys


def hash_of(text):
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def main():
    html, css, script = (open(path, encoding="utf-8").read() for path in sys.argv[1:4])
    part = sys.argv[4]
    page = html.replace("/*STYLE*/", css).replace("/*SCRIPT*/", script)
    policy = "; ".join([
        "default-src 'none'",
        "script-src " + hash_of(script),
        "style-src " + hash_of(css),
        "connect-src 'self'",
        "img-src blob: data:",
        "media-src blob: data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ])
    data = (page if part == "page" else policy).encode()
    name = f"docs_{part}"
    print("#include <stddef.h>")
    print(f"extern const unsigned char {name}[];\nextern const size_t {name}_len;")
    print(f"const unsigned char {name}[] = {{")
    for i in range(0, len(data), 20):
        print("".join(f"{byte}," for byte in data[i:i + 20]))
    print(f"}};\nconst size_t {name}_len = {len(data)};")


main()
