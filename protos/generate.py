"""Generate ``services/yizhan/pb`` from ``protos/``, or check that it is up to date.

``python protos/generate.py`` writes; ``--check`` compares and exits 1 with the names of stale files.
protoc writes absolute imports that follow the proto paths (``yizhan.v1``); the generated package lives at
``yizhan.pb.v1``, so the imports are rewritten.
"""

import re
import sys
import tempfile
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"
TARGET = ROOT / "services" / "yizhan" / "pb"


def generate(into: Path) -> dict[str, str]:
    """Run protoc and return the generated texts by path relative to the ``pb`` package."""
    sources = sorted(str(path.relative_to(PROTOS)) for path in PROTOS.rglob("*.proto"))
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    outputs = [f"--{kind}_out={into}" for kind in ("python", "grpc_python")]
    outputs += [f"--{kind}_out=quiet:{into}" for kind in ("mypy", "mypy_grpc")]
    programs = Path(sys.executable).parent
    plugins = [f"--plugin=protoc-gen-{kind}={programs}/protoc-gen-{kind}" for kind in ("mypy", "mypy_grpc")]
    code = protoc.main(["protoc", f"-I{PROTOS}", f"-I{well_known}", *plugins, *outputs, *sources])
    if code != 0:
        raise SystemExit(code)
    texts = {"__init__.py": ""}
    for path in sorted(into.rglob("*.py*")):
        relative = path.relative_to(into / "yizhan")
        if "_pb2_grpc." in path.name and not serves(path):
            continue  # a proto without services has an empty gRPC module
        texts[str(relative)] = rewrite(path.read_text("utf-8"))
    texts["v1/__init__.py"] = ""
    return texts


def serves(path: Path) -> bool:
    """Whether the proto behind a generated gRPC module declares a service."""
    source = PROTOS / "yizhan" / "v1" / (path.name.split("_pb2_grpc.")[0] + ".proto")
    return "\nservice " in source.read_text("utf-8")


def rewrite(text: str) -> str:
    """Point imports at ``yizhan.pb.v1``; descriptor names (``yizhan.v1.Message``) stay."""
    text = re.sub(r"^from yizhan\.v1 import", "from yizhan.pb.v1 import", text, flags=re.MULTILINE)
    text = re.sub(r"^import yizhan\.v1\.", "import yizhan.pb.v1.", text, flags=re.MULTILINE)
    return re.sub(r"(?<![\w.\"'/])yizhan\.v1\.(\w+_pb2)", r"yizhan.pb.v1.\1", text)


def stale(texts: dict[str, str]) -> list[str]:
    """Names of files under ``pb`` that differ from what protoc writes today."""
    present = {str(path.relative_to(TARGET)) for path in TARGET.rglob("*.py*") if path.suffix in (".py", ".pyi")}
    changed = [
        name
        for name, text in texts.items()
        if not (TARGET / name).exists() or (TARGET / name).read_text("utf-8") != text
    ]
    return sorted(changed + list(present - set(texts)))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        texts = generate(Path(folder))
    names = stale(texts)
    if "--check" in sys.argv[1:]:
        for name in names:
            sys.stderr.write(f"stale: services/yizhan/pb/{name} (run: make protos)\n")
        raise SystemExit(1 if names else 0)
    for name in names:
        path = TARGET / name
        if name not in texts:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[name], "utf-8")


if __name__ == "__main__":
    main()
