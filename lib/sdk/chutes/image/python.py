# SPDX-License-Identifier: MIT
"""What `with_python` means: an interpreter of its own, compiled, in /opt/python."""

PREFIX = "/opt/python"
SOURCES = "/usr/src"
LIBRARIES = (
    "zlib1g-dev libncurses5-dev libgdbm-dev libnss3-dev libssl-dev libreadline-dev libffi-dev"
    " libsqlite3-dev wget libbz2-dev libexpat1-dev liblzma-dev"
)
OPTIONS = (
    "--enable-optimizations --enable-shared --with-system-expat --with-ensurepip=install"
    f" --prefix={PREFIX}"
)


def steps_of_python(version: str, workdir: str) -> list[str]:
    """The lines of a Dockerfile; they end in `workdir`."""
    archive = f"Python-{version}.tgz"
    minor = ".".join(version.split(".")[:2])
    binaries = f"{PREFIX}/bin"
    return [
        "RUN apt-get update",
        f"RUN apt-get -y install build-essential {LIBRARIES}",
        f"WORKDIR {SOURCES}",
        f"RUN wget https://www.python.org/ftp/python/{version}/{archive}",
        f"RUN tar -xzf {archive}",
        f"WORKDIR {SOURCES}/Python-{version}",
        f"RUN ./configure {OPTIONS}",
        "RUN make -j",
        "RUN make altinstall",
        f"WORKDIR {workdir}",
        *(f"RUN ln -s {binaries}/{name}{minor} {binaries}/{name}" for name in ("pip", "python")),
        f"RUN echo {PREFIX}/lib >> /etc/ld.so.conf && ldconfig",
        f"RUN rm -rf {SOURCES}/Python*",
    ]
