"""Preference rows, the split, the template and the compact vocabulary."""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

LABELS = ("a", "b", "tie")  # class order of the notebook: winner_model_a, winner_model_b, winner_tie
SWAP = (1, 0, 2)
PAD, EOS, BOS, OTHER = 0, 1, 2, 3  # the compact vocabulary begins like Gemma's; OTHER stands where Gemma has <unk>

# The same model under the names that the sources gave it. `none` is a text whose author is unknown.
ALIASES = {
    "gpt35": "gpt-3.5-turbo", "chatgpt": "gpt-3.5-turbo", "gpt4": "gpt-4", "claude": "claude-v1", "claude-1": "claude-v1",
    "guanaco-7b": "7b-guanaco", "guanaco-13b": "13b-guanaco", "guanaco-33b": "30b-guanaco", "guanaco-65b": "65b-guanaco",
}


@dataclass
class Row:
    key: str
    source: str
    group: str
    human: bool
    label: int
    votes: np.ndarray  # shares of a, b, tie
    prompt: str
    answers: tuple[str, str]
    models: tuple[str, str]
    turns: int
    split: str


def load_rows(path: Path) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [parse_row(json.loads(line)) for line in file]


def parse_row(raw: dict) -> Row:
    votes = np.array([raw["votes"].get(name, 0) for name in LABELS], dtype=np.float64)
    label = LABELS.index(raw["label"])
    if votes.sum() == 0:
        votes[label] = 1
    return Row(
        key=f"{raw['source']}/{raw['id']}",
        source=raw["source"],
        group=raw["group"],
        human=raw["judge"] == "human",
        label=label,
        votes=votes / votes.sum(),
        prompt=join_turns(raw["prompt"]),
        answers=(join_turns(raw["response_a"]), join_turns(raw["response_b"])),
        models=(canonical(raw["model_a"]), canonical(raw["model_b"])),
        turns=len(raw["prompt"]),
        split=split_of(raw["group"]),
    )


def join_turns(turns: list[str]) -> str:
    # The tokenizer refuses lone surrogates.
    return re.sub("[\ud800-\udfff]", "\ufffd", " ".join(turns))


def canonical(model: str | None) -> str:
    name = (model or "none").split("/")[-1].lower()
    return ALIASES.get(name, name)


def hash_share(text: str) -> float:
    """A fixed number in [0, 1) for a text."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32


def split_of(group: str) -> str:
    """20 % of the prompts are validation, 8 % dev (early stopping, one temperature), the rest is trained on."""
    share = hash_share(f"split:{group}")
    return "validation" if share < 0.20 else "dev" if share < 0.28 else "train"


def fold_of(group: str, folds: int) -> int:
    return int(hash_share(f"fold:{group}") * folds)


def template(prompt: str, a: str, b: str) -> tuple[str, int, int]:
    """The notebook's text, and the places of the characters where the two answers begin."""
    head = f"<prompt>: {prompt}\n\n<response_a>: "
    middle = f"{head}{a}\n\n<response_b>: "
    return middle + b, len(head), len(middle)


class Vocabulary:
    """Ids of tokens that occur at least `least` times in the texts; all others share the id OTHER."""

    def __init__(self, tokenizer: Tokenizer, texts: list[str], least: int = 2, size: int = 256_000):
        counts = np.zeros(size, dtype=np.int64)
        for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
            counts += np.bincount(encoding.ids, minlength=size)
        counts[[PAD, EOS, BOS, OTHER]] = 0
        kept = np.nonzero(counts >= least)[0]
        self.ids = np.concatenate([[PAD, EOS, BOS, OTHER], kept]).astype(np.int32)
        self.compact = np.full(size, OTHER, dtype=np.int32)
        self.compact[self.ids] = np.arange(len(self.ids))

    def __len__(self) -> int:
        return len(self.ids)


Encoded = tuple[np.ndarray, int, int]


def encode_pairs(
    tokenizer: Tokenizer, compact: np.ndarray, pairs: list[tuple[str, str, str]], max_length: int
) -> list[Encoded]:
    """
    Of each prompt, answer A and answer B: compact ids `<bos>` … `<eos>`, cut on the right, and the positions of the first
    tokens of the two answers.
    """
    out: list[Encoded] = []
    for at in range(0, len(pairs), 2000):  # encodings are large
        texts, starts_a, starts_b = zip(*(template(*pair) for pair in pairs[at : at + 2000]))
        encodings = tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for encoding, *starts in zip(encodings, starts_a, starts_b):
            ids = compact[np.array(encoding.ids, dtype=np.int64)][: max_length - 2]
            last = len(ids) + 1
            # The space before an answer belongs to its first token, and is all there is of an empty answer.
            tokens = [encoding.char_to_token(start - 1) for start in starts]
            a, b = (last if token is None else min(token + 1, last) for token in tokens)
            out.append((np.concatenate([[BOS], ids, [EOS]]).astype(np.int32), a, b))
    return out


# What a token adds to the counts that the model learns to keep (see pretrain.py).
TOKEN_COUNTS = ("characters", "words", "lines", "digits", "capitals", "marks", "list items", "code", "other scripts")


def token_counts(tokenizer: Tokenizer, vocabulary: Vocabulary) -> np.ndarray:
    """[vocabulary, TOKEN_COUNTS], from the tokens' spellings."""
    table = np.zeros((len(vocabulary), len(TOKEN_COUNTS)), dtype=np.float32)
    for row, token_id in enumerate(vocabulary.ids):
        if row <= OTHER:
            continue
        text = (tokenizer.id_to_token(int(token_id)) or "").replace("▁", " ")
        table[row] = (
            len(text), text.count(" "), text.count("\n"), sum(c.isdigit() for c in text), sum(c.isupper() for c in text),
            sum(c in ".,;:!?" for c in text), text.strip() in ("-", "*", "•", "**"), text.count("`"),
            sum(ord(c) > 127 for c in text),
        )  # fmt: skip
    return table
