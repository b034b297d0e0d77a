"""The parts of a class file that linking needs. Source: The Java Virtual Machine Specification, chapter 4."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

_UTF8, _CLASS, _FIELD, _METHOD, _INTERFACE_METHOD, _NAME_AND_TYPE = 1, 7, 9, 10, 11, 12
_SIZES = {3: 4, 4: 4, 5: 8, 6: 8, 7: 2, 8: 2, 9: 4, 10: 4, 11: 4, 12: 4, 15: 3, 16: 2, 17: 4, 18: 4, 19: 2, 20: 2}
_WIDE = (5, 6)
_PRIVATE = 0x0002


@dataclass(frozen=True, order=True)
class Member:
    """A method or field by name and descriptor, as `owner` declares it or a reference names it."""

    owner: str
    name: str
    descriptor: str


@dataclass
class ClassFile:
    """What a class is, declares and refers to. Names are internal: `scala/Option`."""

    name: str
    parents: list[str] = field(default_factory=list)
    declared: set[tuple[str, str]] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    references: set[Member] = field(default_factory=set)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self.at = 0

    def take(self, form: str) -> tuple[int, ...]:
        values = struct.unpack_from(f">{form}", self._content, self.at)
        self.at += struct.calcsize(f">{form}")
        return values

    def one(self, form: str) -> int:
        return self.take(form)[0]

    def raw(self, length: int) -> bytes:
        self.at += length
        return self._content[self.at - length : self.at]


def parse(content: bytes) -> ClassFile:
    """Reads a class file."""
    reader = _Reader(content)
    reader.raw(8)
    pool = _pool(reader)

    def text(index: int) -> str:
        value: bytes = pool[index][1]
        return value.decode("utf-8", "replace")

    def named(index: int) -> str:
        return text(struct.unpack(">H", pool[index][1])[0])

    _, this, parent = reader.take("HHH")
    parents = [named(index) for index in (parent, *reader.take(f"{reader.one('H')}H")) if index]
    parsed = ClassFile(named(this), parents)
    for _ in range(2):
        parsed.declared |= _members(reader, text)
    for tag, raw in pool.values():
        if tag == _CLASS:
            parsed.classes.add(text(struct.unpack(">H", raw)[0]))
        elif tag in (_FIELD, _METHOD, _INTERFACE_METHOD):
            owner, name_and_type = struct.unpack(">HH", raw)
            name, descriptor = struct.unpack(">HH", pool[name_and_type][1])
            parsed.references.add(Member(named(owner), text(name), text(descriptor)))
    return parsed


def _pool(reader: _Reader) -> dict[int, tuple[int, bytes]]:
    count = reader.one("H")
    pool = {}
    index = 1
    while index < count:
        tag = reader.one("B")
        pool[index] = (tag, reader.raw(reader.one("H") if tag == _UTF8 else _SIZES[tag]))
        index += 2 if tag in _WIDE else 1
    return pool


def _members(reader: _Reader, text: object) -> set[tuple[str, str]]:
    declared = set()
    for _ in range(reader.one("H")):
        access, name, descriptor, attributes = reader.take("HHHH")
        for _ in range(attributes):
            reader.raw(2)
            reader.raw(reader.one("I"))
        if not access & _PRIVATE:
            declared.add((text(name), text(descriptor)))  # type: ignore[operator]
    return declared
