# SPDX-License-Identifier: MIT
"""An image whose only program is tests/unit/guest.c, written into a store without any build."""
import gzip
import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

GUEST = Path(os.environ.get("CHUTES_BUILD", "build")) / "tests/unit/guest"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def layer():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        def add(name, data=None, mode=0o755):
            info = tarfile.TarInfo(name)
            info.mode = mode
            info.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            info.size = len(data or b"")
            tar.addfile(info, io.BytesIO(data or b""))

        for name in ("bin", "etc", "work", "tmp"):
            add(name, mode=0o777 if name in ("work", "tmp") else 0o755)
        add("bin/guest", GUEST.read_bytes())
        add("bin/plain", b"not a program\n", 0o644)
        add("etc/passwd", b"root:x:0:0::/root:/bin/sh\nworker:x:7:8::/work:/bin/sh\n", 0o644)
        add("etc/group", b"root:x:0:\nworker:x:8:\n", 0o644)
    return out.getvalue()


def put(store, name="hello:1"):
    """Into a store that exists; replaces what it had."""
    layout = Path(store) / "oci"

    def blob(data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        (layout / "blobs/sha256" / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    tar = layer()
    config = {
        "architecture": "amd64" if os.uname().machine == "x86_64" else "arm64", "os": "linux",
        "config": {"User": "worker", "WorkingDir": "/work", "Env": ["PATH=/bin", "KEPT=yes"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(tar).hexdigest()]},
    }
    manifest = {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": blob(json.dumps(config).encode(), CONFIG),
        "layers": [blob(gzip.compress(tar, 1), LAYER)],
    }
    entry = blob(json.dumps(manifest).encode(), MANIFEST)
    entry["annotations"] = {"org.opencontainers.image.ref.name": name}
    index = {"schemaVersion": 2, "manifests": [entry]}
    (layout / "index.json").write_text(json.dumps(index))
