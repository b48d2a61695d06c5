"""``sentiment completion``: the script with which a shell completes the command."""

import click
from click.shell_completion import get_completion_class

_WHERE = {
    "bash": 'eval "$(sentiment completion bash)"   # in ~/.bashrc',
    "zsh": 'eval "$(sentiment completion zsh)"    # in ~/.zshrc',
    "fish": "sentiment completion fish | source   # in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(_WHERE.values()))
@click.argument("shell", type=click.Choice(sorted(_WHERE)))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete this command."""
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, "sentiment", "_SENTIMENT_COMPLETE").source())
