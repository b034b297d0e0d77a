"""Resolves a jar's references against the jars of one Spark: `python -m tests.jvm.linkcheck.check JAR SPARK_JARS`."""

from __future__ import annotations

import re
import sys
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.jvm.linkcheck.class_file import ClassFile, Member, parse

PLATFORM = ("java/", "javax/", "sun/", "jdk/", "com/sun/management/")
"""Packages of the JDK; the compiler's `--release 8` vouches for those."""
_NAMED_IN_DESCRIPTOR = re.compile(r"L([^;]+);")


@dataclass(frozen=True)
class Checked:
    """How many references leave the jar, and those that lead nowhere."""

    references: int
    broken: list[str]


class _Library:
    """The classes of a folder of jars, read when asked for."""

    def __init__(self, jars: Path) -> None:
        self._archives = [zipfile.ZipFile(jar) for jar in sorted(jars.glob("*.jar"))]
        self._where = {name: archive for archive in reversed(self._archives) for name in archive.namelist() if name.endswith(".class")}
        self.find = cache(self._find)

    def _find(self, name: str) -> ClassFile | None:
        archive = self._where.get(f"{name}.class")
        return None if archive is None else parse(archive.read(f"{name}.class"))

    def declares(self, owner: str, member: Member) -> bool:
        """Whether a class or one above it declares the member; above the JDK's classes nothing is asked."""
        found = self.find(owner)
        if found is None:
            return owner.startswith(PLATFORM) and owner != "java/lang/Object"
        return (member.name, member.descriptor) in found.declared or any(self.declares(parent, member) for parent in found.parents)

    def close(self) -> None:
        for archive in self._archives:
            archive.close()


def check(jar: Path, spark_jars: Path) -> Checked:
    """Checks classes, the types in descriptors, and members with their exact descriptors, inherited ones too."""
    with zipfile.ZipFile(jar) as archive:
        ours = [parse(archive.read(name)) for name in archive.namelist() if name.endswith(".class")]
    own = {one.name for one in ours}
    library = _Library(spark_jars)
    try:
        members = {ref for one in ours for ref in one.references if _outside(ref.owner, own)}
        classes = {name for one in ours for name in one.classes} | {
            n for ref in members for n in _NAMED_IN_DESCRIPTOR.findall(ref.descriptor)
        }
        outside = {name for name in classes if _outside(name, own)}
        broken = [f"class {name}" for name in sorted(outside) if library.find(name) is None]
        broken += [f"{m.owner}.{m.name}{m.descriptor}" for m in sorted(members) if not _declared(library, m)]
        return Checked(len(outside) + len(members), broken)
    finally:
        library.close()


def _declared(library: _Library, member: Member) -> bool:
    inherited_from_object = Member("java/lang/Object", member.name, member.descriptor)
    return library.declares(member.owner, member) or inherited_from_object in _OBJECT


_OBJECT = {
    Member("java/lang/Object", name, descriptor)
    for name, descriptor in (
        ("equals", "(Ljava/lang/Object;)Z"),
        ("getClass", "()Ljava/lang/Class;"),
        ("hashCode", "()I"),
        ("toString", "()Ljava/lang/String;"),
    )
}


def _outside(name: str, own: set[str]) -> bool:
    element = name.lstrip("[").removeprefix("L").removesuffix(";") if name.startswith("[") else name
    return element == name and name not in own and not name.startswith(PLATFORM)


def main() -> int:
    """Prints what does not resolve; status 1 where there is something."""
    checked = check(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(checked.broken) or f"{checked.references} references resolve")
    return 1 if checked.broken else 0


if __name__ == "__main__":
    sys.exit(main())
