# SPDX-License-Identifier: MIT
# The limit of a forwarded request: the platform's SDK takes it with a call, not with a cord.
import functools


def limit(cord, seconds):
    if hasattr(cord, "_passthrough_call"):
        cord._passthrough_call = functools.partial(cord._passthrough_call, timeout=seconds)
