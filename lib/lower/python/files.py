# SPDX-License-Identifier: MIT
# Inputs that are files. The author may have called a handler `len` or `str`.
import base64
from builtins import len, str


def decoded(value):
    # a file: base64 in JSON, bytes for the function
    if not isinstance(value, str):
        raise ValueError("base64 text is wanted")
    data = base64.b64decode(value, validate=True)
    if len(value) != (len(data) + 2) // 3 * 4:
        raise ValueError("this is not base64")
    return data
