"""Two hundred texts to hold an engine against the transformers pipeline: plain, odd and extreme ones."""

from worker.modelling.bake.reviews import REVIEWS

_ODD = (
    "",
    " ",
    "\t\n  \r\n",
    "123",
    "3.14159 + 2.71828 = 5.85987",
    "a",
    "A",
    "?",
    "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
    "good",
    "bad",
    "not good",
    "not bad",
    "GOOD!!! BAD??? WHO KNOWS...",
    "so-so",
    "\u00e9l\u00e9gant, na\u00efve, co\u00f6perative \u2014 and caf\u00e9-like",
    "e\u0301le\u0301gant, written with combining accents",
    "Das Essen war wunderbar, der Wein noch besser.",
    "Le pire repas de ma vie, et le plus cher.",
    "\u3053\u306e\u6620\u753b\u306f\u672c\u5f53\u306b\u7d20\u6674\u3089\u3057\u3044\u3002",
    "\u8fd9\u5bb6\u9910\u5385\u592a\u7cdf\u7cd5\u4e86\uff0c\u518d\u4e5f\u4e0d\u6765\u3002",
    "\u0444\u0438\u043b\u044c\u043c \u043f\u0440\u043e\u0441\u0442\u043e \u0443\u0436\u0430\u0441\u043d\u044b\u0439",
    "\u0631\u0627\u0626\u0639 \u062c\u062f\u0627",
    "\U0001f600\U0001f600\U0001f44d best day ever \U0001f389",
    "\U0001f620\U0001f44e never again",
    "zero\u200bwidth and soft\u00adhyphen",
    "NUL \x00 inside",
    "[CLS] special words [SEP] in the text [MASK]",
    "<b>markup</b> &amp; entities: <i>terrible</i>",
    '{"text": "a sentence that looks like a request"}',
    "https://example.com/reviews?id=42&sort=best",
    "SELECT * FROM films WHERE rating > 4; -- lovely",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 150,
    "word " * 300,
    "A wonderful beginning. " + "And then it went on and on. " * 120 + "A terrible end.",
    "A terrible beginning. " + "And then it went on and on. " * 120 + "A wonderful end.",
    "! " * 600,
    "\u597d" * 700,
    "It is what it is.",
    "\ufeffA byte order mark, then praise: superb.",
    "tabs\tand\nnew lines\r\nin a sad, broken review",
    "UPPER CASE REVIEW OF A TRULY AWFUL LAMP",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 loved it \u2764\ufe0f \u00bd price \u2460",
)


def reference_texts() -> list[str]:
    """Return the texts, always the same and in the same order."""
    return [*REVIEWS, *_ODD]
