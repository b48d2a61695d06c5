"""``python -m deploy.users``: write the users of `shared/broker/access.py` into the chart and for Compose.

Each file is a shell script that prints the lines of an ACL, with the passwords from its environment. Compose names its
two services. The chart names none, so that another service beside the first restarts no Redis.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shared.broker.access import ANY, user_lines
from shared.broker.role import Role

_ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final[dict[Path, Sequence[str]]] = {
    _ROOT / "charts" / "sentiment" / "users": (ANY,),
    _ROOT / "deploy" / "compose" / "users": ("sentiment", "lab"),
}
"""The namespaces in the files of each folder."""
_SCRIPT: Final = """\
# Written by `make users` from shared/broker/access.py.
cat <<END
{lines}
END
"""


def render(role: Role, namespaces: Sequence[str]) -> str:
    """Return the script for one server.

    Args:
        role: the server.
        namespaces: namespaces of the services that use it.
    """
    return _SCRIPT.format(lines="\n".join(user_lines(role, namespaces, "$PART_PASSWORD")))


def main() -> None:
    """Write all files."""
    for folder, namespaces in FOLDERS.items():
        folder.mkdir(exist_ok=True)
        for role in Role:
            (folder / f"{role}.sh").write_text(render(role, namespaces), "utf-8")


if __name__ == "__main__":
    main()
