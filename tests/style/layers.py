# SPDX-License-Identifier: MIT
"""Who may include whom. MAY_INCLUDE is the architecture: a folder, and the folders whose headers its
files may name. A header of a foreign library belongs to one folder only."""
import re

from sources import ROOT, lines, report, sources

MAY_INCLUDE = {
    "lib/base": [],
    "lib/data": ["lib/base"],
    "lib/crypto": ["lib/base"],
    "lib/config": ["lib/base", "lib/crypto"],
    "lib/archive": ["lib/base", "lib/crypto"],
    "lib/oci": ["lib/base", "lib/data", "lib/crypto"],
    "lib/store": ["lib/base", "lib/data", "lib/crypto", "lib/archive", "lib/oci"],
    "lib/container": ["lib/base", "lib/data"],
    "lib/python": ["lib/base"],
    "lib/spec": ["lib/base", "lib/data", "lib/crypto", "lib/oci", "lib/python"],
    "lib/lower": ["lib/base", "lib/data", "lib/crypto", "lib/oci", "lib/python", "lib/spec"],
    "lib/build": ["lib/base", "lib/data", "lib/crypto", "lib/archive", "lib/oci", "lib/store",
                  "lib/container", "lib/spec"],
    "lib/launch": ["lib/base", "lib/data", "lib/oci", "lib/store", "lib/container", "lib/spec",
                   "lib/build", "lib/lower", "lib/http1"],
    "lib/http1": ["lib/base"],
    "lib/serve": ["lib/base", "lib/http1"],
    "lib/gateway": ["lib/base", "lib/data", "lib/crypto", "lib/spec", "lib/lower", "lib/python",
                    "lib/http1", "lib/serve"],
    "lib/local": ["lib/base", "lib/data", "lib/crypto", "lib/oci", "lib/store", "lib/spec",
                  "lib/build", "lib/launch", "lib/gateway"],
    "lib/http": ["lib/base"],
    "lib/call": ["lib/base", "lib/data", "lib/spec", "lib/lower", "lib/python", "lib/http"],
    "lib/wallet": ["lib/base", "lib/crypto"],
    "lib/sign": ["lib/base", "lib/crypto"],
    "lib/platform": ["lib/base", "lib/data", "lib/crypto", "lib/http", "lib/sign"],
    "lib/import": ["lib/base", "lib/data", "lib/container", "lib/spec"],
    "cli": ["lib/base", "lib/data", "lib/config", "lib/crypto", "lib/archive", "lib/oci", "lib/store",
            "lib/container", "lib/python", "lib/spec", "lib/lower", "lib/build", "lib/launch",
            "lib/local", "lib/gateway", "lib/http", "lib/call", "lib/import", "lib/wallet",
            "lib/sign", "lib/platform"],
}

LIBRARIES = {
    r"jansson\.h|yaml\.h": "lib/data",
    r"archive\.h|archive_entry\.h|zstd.*\.h|zlib\.h|isa-l.*": "lib/archive",
    r"openssl/.*": "lib/crypto",
    r"sodium\.h": ("lib/crypto", "tests"),  # tests compare our curve with it
    r"immintrin\.h": "lib/crypto",
    r"seccomp\.h": "lib/container",
    r"valgrind/.*": "tests",
    r"curl/curl\.h": "lib/http",
}

# the C library and the kernel
SYSTEM = re.compile(r"(sys|linux|net|netinet|arpa|asm)/\w+\.h|"
                    r"(assert|ctype|dirent|dlfcn|endian|errno|fcntl|fnmatch|getopt|glob|grp|inttypes|"
                    r"libgen|limits|locale|math|netdb|poll|pthread|pty|pwd|regex|sched|search|setjmp|signal|"
                    r"spawn|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|strings|"
                    r"syslog|termios|time|unistd|wchar)\.h")
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def folder_of(path):
    """The room: lib/NAME, or the folder at the top."""
    return "/".join(path.parts[:2]) if path.parts[0] == "lib" else path.parts[0]


def check_library(path, name):
    for pattern, owner in LIBRARIES.items():
        if re.fullmatch(pattern, name):
            owners = (owner,) if isinstance(owner, str) else owner
            return None if folder_of(path) in owners else f"<{name}> belongs to {owner}"
    return None if SYSTEM.fullmatch(name) else f"<{name}> is a library that layers.py does not know"


def check_own(path, name):
    target = ROOT / name
    if not target.is_file():
        return f'"{name}" is not spelled from the root'
    here, there = folder_of(path), folder_of(target.relative_to(ROOT))
    is_private = name.endswith("_internal.h")
    if here == there or here == "tests":
        return None
    if is_private:
        return f'"{name}" is private to {there}'
    if there in MAY_INCLUDE.get(here, []):
        return None
    return f"{here} may not include {there}"


def main():
    faults = []
    for path in sources(".c", ".h"):
        own = path.with_suffix(".h")
        first = True
        for number, line in enumerate(lines(path), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            check = check_library if match[1] == "<" else check_own
            fault = check(path, match[2])
            if first and path.suffix == ".c" and (ROOT / own).exists() and match[2] != str(own):
                fault = f'the first include is not "{own}"'
            first = False
            if fault:
                faults.append(f"{path}:{number}: {fault}")
    for folder in sorted((ROOT / "lib").iterdir()):
        name = f"lib/{folder.name}"
        if folder.is_dir() and any(folder.glob("*.c")) and name not in MAY_INCLUDE:
            faults.append(f"{name}: has no row in MAY_INCLUDE")
    report(faults)


main()
