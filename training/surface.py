"""Surface features of texts, and the yardstick: a softmax regression on about a dozen of them."""

import re

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from data import SWAP

REFUSAL = re.compile(
    r"(?i)\b(i'?m sorry|i apologi[sz]e|as an ai|i cannot|i can'?t|i am unable|i'm unable|i do not have|i don't have)"
)
LIST_ITEM = re.compile(r"(?m)^\s*(?:[-*•]|\d+[.)])\s")
HEADING = re.compile(r"(?m)^#+ ")

FEATURES = (
    "characters", "words", "lines", "list items", "code", "refusal", "bold", "headings", "paragraphs", "digits", "questions",
    "exclamations", "other scripts", "distinct words", "word length", "ends", "empty", "repetition", "capitals",
)  # fmt: skip
F = {name: i for i, name in enumerate(FEATURES)}


def features(text: str) -> np.ndarray:
    """[FEATURES]: counts as log(1 + n), shares and flags as they are."""
    words = text.split()
    pieces = range(0, len(text), 5)
    counts = (
        len(text), len(words), text.count("\n"), len(LIST_ITEM.findall(text)), text.count("```") // 2,
        bool(REFUSAL.search(text[:400])), text.count("**"), len(HEADING.findall(text)), text.count("\n\n"),
        sum(map(text.count, "0123456789")), text.count("?"), text.count("!"), len(text.encode()) - len(text),
    )  # fmt: skip
    rest = (
        len(set(words)) / max(1, len(words)),
        sum(map(len, words)) / max(1, len(words)) / 5,
        text.rstrip()[-1:] in tuple(".!?`)\""),
        text == "",
        1 - len({text[i : i + 20] for i in pieces}) / max(1, len(pieces)),
        sum(map(str.isupper, text)) / max(1, len(text)),
    )
    return np.concatenate([np.log1p(counts), rest]).astype(np.float32)


def dozen(a: np.ndarray, b: np.ndarray, prompt: np.ndarray) -> np.ndarray:
    """[rows, 13] from [rows, FEATURES] of the answers and the prompt: nine differences, four symmetric ones."""
    names = ("characters", "lines", "list items", "code", "refusal", "digits", "paragraphs", "ends", "distinct words")
    difference = (a - b)[:, [F[name] for name in names]]
    lengths = np.stack([a[:, 0], b[:, 0]])
    symmetric = [abs(lengths[0] - lengths[1]), lengths.min(0), prompt[:, 0], a[:, F["code"]] + b[:, F["code"]]]
    return np.hstack([difference, np.stack(symmetric, axis=1)])


class SurfaceRegression:
    def fit(self, a: np.ndarray, b: np.ndarray, prompt: np.ndarray, labels: np.ndarray) -> "SurfaceRegression":
        both = np.vstack([dozen(a, b, prompt), dozen(b, a, prompt)])
        self.scaler = StandardScaler().fit(both)
        self.model = LogisticRegression(C=0.1, max_iter=1000)
        self.model.fit(self.scaler.transform(both), np.concatenate([labels, np.array(SWAP)[labels]]))
        return self

    def predict(self, a: np.ndarray, b: np.ndarray, prompt: np.ndarray) -> np.ndarray:
        return self.model.predict_proba(self.scaler.transform(dozen(a, b, prompt)))
