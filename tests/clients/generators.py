"""Generators of clients: the commands of the document, and what makes a program of their output."""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from load.node import find_node
from tests.clients.known import ENVIRONMENTS
from tests.docs.documents import blocks, commands, read
from tests.support.missing import missing
from tests.support.npm import install

_HERE: Final = Path(__file__).parent
_DRIVERS: Final = _HERE / "generated"
_TOOLS: Final = ENVIRONMENTS / "generators" / "bin"
_PAGE: Final = "docs/how-to/generated-clients.md"
_ADDRESS: Final = "http://127.0.0.1:8000"
_SECONDS: Final = 120
_ANNOTATIONS: Final = {
    "Generated": 'String[] value(); String date() default ""; String comments() default "";',
    "Nonnull": "",
    "Nullable": "",
}
"""Annotations of the package jakarta.annotation, which generated Java names and no part of the generator has."""


@dataclass(frozen=True, slots=True)
class Generator:
    """A generator, by a part of its command in the document."""

    part: str
    build: Callable[[Path], list[str]]
    """Makes the driver in the folder with the generated client, and returns its command."""
    needs: tuple[str, ...] = ()
    """Programs that it needs on PATH."""

    def make(self, url: str, folder: Path) -> list[str]:
        """Generate a client of a service in a folder, and return the command of its driver."""
        for program in self.needs:
            if shutil.which(program) is None:
                missing(f"{program} is not on PATH (Debian: apt-get install default-jdk-headless)")
        if not _TOOLS.exists():
            missing("generators of clients are not installed: make test-clients")
        command = next(one for one in _documented() if self.part in one)
        (folder / "node_modules").symlink_to(install(_HERE / "node"))
        _run(["bash", "-ec", command.replace(_ADDRESS, url).removeprefix("npx ")], folder)
        return self.build(folder)


def _documented() -> list[str]:
    return [command for block in blocks(read(_PAGE)) if block.language == "bash" for command in commands(block)]


def _run(command: list[str], folder: Path) -> None:
    programs = (_TOOLS, folder / "node_modules" / ".bin", find_node().parent, os.environ["PATH"])
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PATH": os.pathsep.join(map(str, programs))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]


def _python(driver: str, package: str) -> Callable[[Path], list[str]]:
    def build(folder: Path) -> list[str]:
        return ["env", f"PYTHONPATH={folder / package}", str(_TOOLS / "python"), str(_DRIVERS / driver)]

    return build


def _typescript(folder: Path) -> list[str]:
    (folder / "package.json").write_text('{"type": "module"}')
    shutil.copy(_DRIVERS / "driver.ts", folder)
    _run(["tsc", "--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck", "driver.ts"], folder)
    return [str(find_node()), str(folder / "driver.js")]


def _java(folder: Path) -> list[str]:
    (jar,) = _TOOLS.parent.glob("lib/python*/site-packages/openapi_generator_cli/*.jar")  # has Jackson
    package = folder / "jakarta" / "annotation"
    package.mkdir(parents=True)
    for name, members in _ANNOTATIONS.items():
        (package / f"{name}.java").write_text(f"package jakarta.annotation; public @interface {name} {{ {members} }}")
    sources = [*folder.glob("java/src/main/java/**/*.java"), *package.iterdir(), _DRIVERS / "Driver.java"]
    classes = folder / "classes"
    _run(["javac", "-nowarn", "-d", str(classes), "-cp", str(jar), *map(str, sources)], folder)
    return ["java", "-cp", f"{jar}{os.pathsep}{classes}", "Driver"]


GENERATORS: Final = {
    "openapi-python-client": Generator("openapi-python-client", _python("openapi_python_client.py", "")),
    "OpenAPI Generator, Python": Generator("-g python", _python("openapi_generator.py", "python"), ("java",)),
    "openapi-typescript": Generator("openapi-typescript", _typescript),
    "OpenAPI Generator, Java": Generator("-g java", _java, ("java", "javac")),
}
