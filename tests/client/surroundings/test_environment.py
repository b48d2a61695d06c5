"""Variables: proxies, certificates, homes, locales, and those of Python."""

import re

from tests.client.answers import fields_of, line_of
from tests.client.surroundings.desk import FILE, GOOD, PREDICT, Row, desk, require, require_plain, run, table
from tests.support.command import Command
from tests.support.missing import missing

DEAD = "http://127.0.0.1:1"
AWAY = (
    r"http://\S+ does not answer: Connection refused; trying again in .*\n"
    r"Error: http://\S+ does not answer: Connection refused\nIs the service up \([^\n]*"
)
EXEMPT = (
    "127.0.0.1",
    "localhost, 127.0.0.1",
    "localhost 127.0.0.1",
    "127.0.0.0/8",
    "fe80::/10,127.0.0.1",
    "[::1],[fe80::]/10,127.0.0.1",
    "http://127.0.0.1",
    "all://127.0.0.1",
    "*",
    "é,,%,127.0.0.1",
)
NOT_EXEMPT = ("127.0.0.1:1", "fe80::/10", "example.com", "[", "::::", "%%%", "https://127.0.0.1", "7.0.0.1")
PROXIES = {
    **{f"exempt by {value}": Row(PREDICT, {"HTTP_PROXY": DEAD, "NO_PROXY": value}, out=GOOD) for value in EXEMPT},
    **{
        f"not exempt by {value}": Row(PREDICT, {"HTTP_PROXY": DEAD, "NO_PROXY": value}, 4, AWAY) for value in NOT_EXEMPT
    },
    "exemptions alone": Row(PREDICT, {"NO_PROXY": "localhost,fe80::/10"}, out=GOOD),
    "a proxy without a scheme": Row(PREDICT, {"HTTP_PROXY": "127.0.0.1:1"}, 4, AWAY),
    "a proxy that is not needed": Row(PREDICT, {"HTTPS_PROXY": "nonsense://x"}, out=GOOD),
    "a SOCKS proxy for others": Row(PREDICT, {"ALL_PROXY": "socks5://127.0.0.1:1", "NO_PROXY": "127.0.0.1"}, out=GOOD),
    **{
        f"{name}={value}": Row(PREDICT, {name: value}, 2, f"Error: {name} {said}[^\n]*; NO_PROXY=127.0.0.1 would go .*")
        for name, value, said in (
            ("ALL_PROXY", "socks5://127.0.0.1:1", "names a SOCKS proxy, which needs pip install"),
            ("all_proxy", "socks5h://127.0.0.1:1", "names a SOCKS proxy, which needs pip install"),
            ("ALL_PROXY", "nonsense://x", "is no URL of a proxy"),
            ("http_proxy", "http://[::1", "is no URL of a proxy"),
            ("HTTP_PROXY", "http://", "names no host"),
        )
    },
}
NOWHERE = "/proc/nowhere"
HTTPS = {"SENTIMENT_URL": "https://127.0.0.1:1", "SSL_CERT_FILE": None, "SSL_CERT_DIR": None}
CERTIFICATES = {
    "not needed": Row(
        PREDICT, {"SSL_CERT_FILE": NOWHERE, "SSL_CERT_DIR": NOWHERE, "SSLKEYLOGFILE": f"{NOWHERE}/x"}, out=GOOD
    ),
    **{
        f"{name}={value}": Row(PREDICT, HTTPS | {name: value}, 2, f"Error: {name}: {said}")
        for name, value, said in (
            ("SSL_CERT_FILE", NOWHERE, f"{NOWHERE}: No such file or directory"),
            ("SSL_CERT_FILE", "in.csv", "in.csv holds no certificates"),
            ("SSL_CERT_FILE", "/", "/(: Is a directory| holds no certificates)"),
            ("SSL_CERT_DIR", NOWHERE, f"{NOWHERE} is no folder"),
            ("SSL_CERT_DIR", "in.csv", "in.csv is no folder"),
            ("SSLKEYLOGFILE", f"{NOWHERE}/x", f"{NOWHERE}/x: No such file or directory"),
        )
    },
}
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
NEW = "printf 'größe¦n\\nschön¦1\\n' > größe.csv; exec sentiment file größe.csv -q --delimiter ¦"
LOCALES = {
    "a text": Row("exec sentiment predict schön", C_LOCALE, out=re.escape(line_of("schön"))),
    "names of files, columns, prefixes, and a delimiter": Row(
        f"{NEW} -c größe --prefix ü_ -o ausgäbe.csv; cat ausgäbe.csv".replace("exec ", ""),
        C_LOCALE,
        out=f"größe¦n¦ü_label¦ü_score\nschön¦1¦{'¦'.join(fields_of('schön'))}\n",
    ),
    "a sentence": Row(f"{NEW} -c maß", C_LOCALE, 2, "Error: .* has no column 'maß'; it has 'größe', 'n'"),
    "no such locale": Row("exec env LC_ALL=xx_XX.nonsense sentiment predict schön", out=re.escape(line_of("schön"))),
    "a service that cannot be": Row(
        PREDICT, C_LOCALE | {"SENTIMENT_SERVICE": "größe"}, 1, r"Error: Not Found: .*\nAre --url and --service .*"
    ),
    "a name of a file that is no UTF-8": Row(
        r"cp in.csv $'\xff.csv'; sentiment file $'\xff.csv' -o $'\xfe.csv' -q; mv $'\xfe.csv' out.csv", makes=True
    ),
    "a text that is no UTF-8": Row(
        r"exec sentiment predict $'\xff'", code=3, out=re.escape("ERROR\tnot-unicode\t\\udcff\n")
    ),
    **{
        f"no UTF-8: {line}": Row(f"exec sentiment {line}", code=2, said=r"Usage: .*Error: .*'\\udcff' is not UTF-8")
        for line in (
            r"file in.csv -c $'\xff'",
            r"file in.csv --prefix $'\xff'",
            r"file in.csv --delimiter $'\xff'",
            r"file in.csv --encoding $'\xff'",
            r"jobs show $'\xff'",
            r"jobs wait $'\xff'",
            r"jobs cancel $'\xff'",
            r"jobs results $'\xff'",
            r"jobs submit in.csv --key $'\xff'",
            r"predict good --url $'\xff'",
            r"predict good --service $'\xff'",
            r"predict good --api-key $'\xff'",
        )
    },
}
OTHERS = {
    "no URL": Row(PREDICT, {"SENTIMENT_URL": "nonsense"}, 2, r"Error: 'nonsense' is no URL of a service; .*"),
    **{
        f"{name} that is no UTF-8": Row(
            f"export {name}=$'\\xff'; {PREDICT}", code=2, said=f"Error: {name} is not UTF-8"
        )
        for name in ("SENTIMENT_URL", "SENTIMENT_API_KEY", "SENTIMENT_SERVICE")
    },
    "a key that cannot be sent": Row(PREDICT, {"SENTIMENT_API_KEY": "schlüssel"}, 2, r"Error: the API key holds .*"),
    "a job's key that cannot be sent": Row(
        "exec sentiment jobs submit in.csv --key schlüssel", code=2, said=r"Error: the idempotency key holds .*"
    ),
    "a service that cannot be": Row(PREDICT, {"SENTIMENT_SERVICE": "a b ?#%"}, 1, r"Error: .*\nAre --url .*"),
    "warnings are errors": Row(PREDICT, {"PYTHONWARNINGS": "error"}, out=GOOD),
    "development mode": Row(PREDICT, {"PYTHONDEVMODE": "1"}, out=GOOD),
    "unbuffered": Row(f"{FILE} -q", {"PYTHONUNBUFFERED": "1"}, makes=True),
    "no width": Row("exec sentiment -h", {"COLUMNS": "none", "LINES": "0", "TERM": "nonsense"}, out="Usage.*"),
    **{
        f"{option} nan": Row(f"exec sentiment {line} {option} nan", code=2, said=f"Usage.*Error: Invalid.*{option}.*")
        for line, option in (
            ("predict good", "--timeout"),
            ("file in.csv", "--patience"),
            ("jobs wait x", "--within"),
            ("status", "--every"),
        )
    },
    "a time without an end": Row(f"{FILE} --timeout inf --patience inf -q", makes=True),
    "a time beyond all times": Row(f"{FILE} --timeout 1e300 --patience 1e300 -q", makes=True),
}
SUBMIT = (
    "sentiment jobs submit in.csv > job; sentiment jobs show $(cat job) --json | grep -o '\"total\": 3';"
    "exec sentiment jobs list -q"
)
LISTED = r'"total": 3\n(No jobs of \S+ are remembered\.\n|id .*)'
NO_STATE: dict[str, str | None] = {"XDG_STATE_HOME": None}
HOMES = {
    name: Row(SUBMIT, NO_STATE | environment, out=LISTED)
    for name, environment in {
        "a HOME that is none": {"HOME": NOWHERE},
        "a HOME that is a file": {"HOME": "/dev/null"},
        "a HOME that cannot be written": {"HOME": "/sys"},
        "a relative HOME": {"HOME": "relative"},
        "a relative XDG_STATE_HOME": {"HOME": NOWHERE, "XDG_STATE_HOME": "relative"},
        "an XDG_STATE_HOME that is a file": {"XDG_STATE_HOME": "/dev/null"},
    }.items()
}


@table(PROXIES)
def test_proxies(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


@table(CERTIFICATES)
def test_certificates(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


@table(LOCALES)
def test_locales(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


@table(OTHERS)
def test_others(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


@table(HOMES)
def test_homes(sentiment: Command, row: Row) -> None:
    require(sentiment, row)


def test_a_user_without_a_name_and_a_home(sentiment: Command) -> None:
    """As containers run: a number of which no list knows, and no HOME."""
    desk(sentiment)
    anonymous = "unshare --user --map-user=12345"
    if run(sentiment, f"{anonymous} true", {})[0]:
        missing("unshare")
    nobody = SUBMIT.replace("sentiment", f"{anonymous} sentiment")
    code, out, said = run(sentiment, f"{nobody.replace(' -q', '')}", {"HOME": None, "XDG_STATE_HOME": None})
    require_plain(said)
    assert (code, out) == (0, f'"total": 3\nNo jobs of {sentiment.environment["SENTIMENT_URL"]} are remembered.\n')
    assert (
        said
        == "Submitted by you on this machine (nothing is remembered: there is no home); the service keeps no list.\n"
    )
