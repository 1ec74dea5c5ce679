"""Check that programs built from the last release understand today's messages, and the other way round.

``python protos/compatible.py`` compares ``protos/`` with the newest release tag (``v*``), or with ``main`` while there
is none; without such a base there is nothing to break. It prints each breaking change and exits 1.

A field or an enum value may go when its number and name are reserved; nothing may change its number, type or place.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc_tools
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)
from grpc_tools import protoc

PROTOS = Path(__file__).resolve().parent
WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"


def compile_protos(folder: Path) -> FileDescriptorSet:
    """The descriptors of every proto file under ``folder``."""
    sources = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
    found = FileDescriptorSet()
    if not sources:
        return found
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "descriptors"
        code = protoc.main(["protoc", f"-I{folder}", f"-I{WELL_KNOWN}", f"--descriptor_set_out={target}", *sources])
        if code != 0:
            raise SystemExit(code)
        found.ParseFromString(target.read_bytes())
    return found


def breaks(old: FileDescriptorSet, new: FileDescriptorSet) -> list[str]:
    """What a program built from ``old`` would misread, one line each."""
    found: list[str] = []
    messages, enums, services = _messages(new), _enums(new), _services(new)
    for name, message in _messages(old).items():
        found += _message_breaks(name, message, messages.get(name))
    for name, enum in _enums(old).items():
        found += _enum_breaks(name, enum, enums.get(name))
    for name, service in _services(old).items():
        found += _service_breaks(name, service, services.get(name))
    return sorted(found)


def _message_breaks(name: str, old: DescriptorProto, new: DescriptorProto | None) -> Iterator[str]:
    if new is None:
        yield f"{name}: message removed"
        return
    by_number = {field.number: field for field in new.field}
    by_name = {field.name: field for field in new.field}
    for field in old.field:
        now = by_number.get(field.number)
        label = f"{name}.{field.name}"
        if field.name in by_name and by_name[field.name].number != field.number:
            yield f"{label}: number {field.number} became {by_name[field.name].number}"
        elif now is None:
            numbers = [number for span in new.reserved_range for number in range(span.start, span.end)]
            if field.number not in numbers or field.name not in new.reserved_name:
                yield f"{label}: removed without reserving number {field.number} and its name"
        elif now.name != field.name:
            yield f"{label}: number {field.number} now means {now.name}"
        elif _kind(field, old) != _kind(now, new):
            yield f"{label}: {_kind(field, old)} became {_kind(now, new)}"


def _kind(field: FieldDescriptorProto, message: DescriptorProto) -> str:
    """Type, repetition and oneof of a field, in words."""
    kind = field.type_name or FieldDescriptorProto.Type.Name(field.type).removeprefix("TYPE_").lower()
    if field.label == FieldDescriptorProto.LABEL_REPEATED:
        kind = f"repeated {kind}"
    if field.HasField("oneof_index") and not field.proto3_optional:
        kind += f" in oneof {message.oneof_decl[field.oneof_index].name}"
    return kind


def _enum_breaks(name: str, old: EnumDescriptorProto, new: EnumDescriptorProto | None) -> Iterator[str]:
    if new is None:
        yield f"{name}: enum removed"
        return
    numbers = {value.name: value.number for value in new.value}
    for value in old.value:
        now = numbers.get(value.name)
        if now is None:
            # Unlike a message's, an enum's reserved ranges include their end.
            spans = [range(span.start, span.end + 1) for span in new.reserved_range]
            if value.name not in new.reserved_name or not any(value.number in span for span in spans):
                yield f"{name}.{value.name}: removed without reserving number {value.number} and its name"
        elif now != value.number:
            yield f"{name}.{value.name}: number {value.number} became {now}"


def _service_breaks(name: str, old: ServiceDescriptorProto, new: ServiceDescriptorProto | None) -> Iterator[str]:
    if new is None:
        yield f"{name}: service removed"
        return
    methods = {method.name: method for method in new.method}
    for method in old.method:
        now = methods.get(method.name)
        if now is None:
            yield f"{name}.{method.name}: method removed"
            continue
        for part in ("input_type", "output_type", "client_streaming", "server_streaming"):
            before, after = getattr(method, part), getattr(now, part)
            if before != after:
                yield f"{name}.{method.name}: {part} {before} became {after}"


def _messages(files: FileDescriptorSet) -> Mapping[str, DescriptorProto]:
    def walk(prefix: str, messages: list[DescriptorProto]) -> Iterator[tuple[str, DescriptorProto]]:
        for message in messages:
            name = f"{prefix}.{message.name}"
            yield name, message
            yield from walk(name, list(message.nested_type))

    return {name: message for file in files.file for name, message in walk(file.package, list(file.message_type))}


def _enums(files: FileDescriptorSet) -> Mapping[str, EnumDescriptorProto]:
    found = {f"{file.package}.{enum.name}": enum for file in files.file for enum in file.enum_type}
    nested = {f"{name}.{enum.name}": enum for name, message in _messages(files).items() for enum in message.enum_type}
    return found | nested


def _services(files: FileDescriptorSet) -> Mapping[str, ServiceDescriptorProto]:
    return {f"{file.package}.{service.name}": service for file in files.file for service in file.service}


def base_reference(repository: Path) -> str | None:
    """The git name to compare with: the newest release tag before here, else main; None when there is neither."""
    tag = _git(repository, "describe", "--tags", "--match", "v[0-9]*", "--abbrev=0")
    if tag:
        return tag.decode().strip()
    for name in ("origin/main", "main"):
        if _git(repository, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"):
            return name
    return None


def descriptors_at(repository: Path, reference: str) -> FileDescriptorSet:
    """The descriptors of ``protos/`` as they were at ``reference``; empty when it had none."""
    archive = _git(repository, "archive", "--format=tar", reference, "protos")
    if not archive:
        return FileDescriptorSet()
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            for member in files:
                content = files.extractfile(member)
                if content is not None and member.name.endswith(".proto"):
                    path = Path(scratch) / member.name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content.read())
        return compile_protos(Path(scratch) / "protos")


def _git(repository: Path, *arguments: str) -> bytes:
    """What git prints, or nothing when it fails or is not there."""
    try:
        done = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, timeout=60, check=False)
    except FileNotFoundError:
        return b""
    return done.stdout if done.returncode == 0 else b""


def main() -> None:
    repository = PROTOS.parent
    reference = base_reference(repository)
    if reference is None:
        return
    found = breaks(descriptors_at(repository, reference), compile_protos(PROTOS))
    for line in found:
        sys.stderr.write(f"breaks {reference}: {line}\n")
    raise SystemExit(1 if found else 0)


if __name__ == "__main__":
    main()
