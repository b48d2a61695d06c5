"""``python -m client``: the command ``sentiment``, for machines on which it is not on PATH."""

from client.cli import main

if __name__ == "__main__":
    main()
