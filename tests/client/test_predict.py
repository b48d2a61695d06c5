"""``sentiment predict``."""

import json
import signal
import subprocess

from tests.client.answers import label_of, line_of, score_of
from tests.support.command import SCRIPT, Command


def test_sentences_on_the_line(sentiment: Command) -> None:
    result = sentiment("predict", "What a lovely day", "Dull, and far too long")
    assert result.returncode == 0
    assert result.stdout == line_of("What a lovely day") + line_of("Dull, and far too long")
    assert result.stderr == ""


def test_lines_of_stdin_in_order_and_more_than_a_batch(sentiment: Command) -> None:
    texts = [f"line {i}" for i in range(500)]
    result = sentiment("predict", stdin="\n".join(texts))
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "".join(map(line_of, texts))


def test_json(sentiment: Command) -> None:
    result = sentiment("predict", "--json", "a\ttab", "naïve ☃")
    first, second = map(json.loads, result.stdout.splitlines())
    assert first["text"] == "a\ttab"
    assert second == {
        "text": "naïve ☃",
        "label": label_of("naïve ☃"),
        "score": score_of("naïve ☃"),
        "scores": second["scores"],
    }
    assert sum(second["scores"].values()) == 1
    assert "naïve ☃" in result.stdout


def test_a_text_that_fails_fails_alone(sentiment: Command) -> None:
    texts = ["fine", "please raise-error here", "x" * 10_001, "", "fine too"]
    result = sentiment("predict", *texts)
    assert result.returncode == 3
    lines = result.stdout.splitlines(keepends=True)
    assert (lines[0], lines[3], lines[4]) == (line_of("fine"), line_of(""), line_of("fine too"))
    assert lines[1].startswith("ERROR\tinference-failed\t")
    assert lines[2].startswith("ERROR\ttext-too-long\t")
    document = json.loads(sentiment("predict", "--json", "x" * 10_001).stdout)
    assert document["error"]["detail"] == "The text has 10001 characters; the service takes 10000."


def test_each_line_is_answered_when_it_arrives(sentiment: Command) -> None:
    with subprocess.Popen(
        [SCRIPT, "predict"], env=sentiment.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for text in ("the first line", "the second line"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert process.stdout.readline().decode() == line_of(text)
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_reader_that_goes_away_ends_it_quietly(sentiment: Command) -> None:
    with subprocess.Popen(
        [SCRIPT, "predict"],
        env=sentiment.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"nobody reads this\n")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == -signal.SIGPIPE


def test_encodings(sentiment: Command) -> None:
    wrong = sentiment("predict", stdin="schön\n".encode("latin-1"))
    assert wrong.returncode == 1
    assert wrong.stderr == "Error: stdin is not utf-8 (near byte 3); say what it is with --encoding\n"
    right = sentiment("predict", "--encoding", "latin-1", stdin="schön\n".encode("latin-1"))
    assert right.stdout == line_of("schön")
    assert sentiment("predict", stdin="\ufeffmarked\r\nlines\r\n").stdout == line_of("marked") + line_of("lines")
    assert sentiment("predict", stdin="sixteen\n".encode("utf-16")).stdout == line_of("sixteen")
    none = sentiment("predict", "--encoding", "klingon", stdin="x\n")
    assert (none.returncode, none.stderr) == (2, "Error: there is no encoding 'klingon'\n")
    ascii_terminal = sentiment("predict", "schön", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ascii_terminal.stdout == line_of("schön")


def test_no_line_is_no_answer(sentiment: Command) -> None:
    result = sentiment("predict", stdin="")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
