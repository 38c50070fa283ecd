"""
Recombined pairs in any number, made in worker processes: a training prompt with any two of its answers, whole or altered,
or with an answer that was written for another prompt. Teachers label them.
"""

import pickle
import re
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np
from tokenizers import Tokenizer

from data import encode_pairs
from surface import features
from teachers import Pairs, teach

PIECE = re.compile(r"[^\n.!?]*[\n.!?]+\s?|[^\n.!?]+$")
MARKS = re.compile(r"\*\*|`|(?m:^#+ |^\s*(?:[-*•]|\d+[.)])\s)")

NATURAL, ALTERED, CROSSED = range(3)
SHARES = (0.36, 0.46, 0.18)
# How much of a target comes from the informed teachers, by kind of pair.
INFORMED = np.array([0.5, 0.35, 0.25])


@dataclass
class Corpus:
    """The training texts: answers by group, and what a worker needs to make pairs of them."""

    prompts: list[tuple[str, int]]  # text, turns
    prompt_group: list[int]
    rows: np.ndarray  # prompt numbers, as often as the training rows have them
    answers: list[tuple[str, int]]  # text, model
    by_group: list[list[int]]
    fold: np.ndarray  # of each group
    teachers: dict
    tokenizer: Path
    compact: np.ndarray
    max_length: int


corpus: Corpus
tokenizer: Tokenizer
answer_features: dict[str, np.ndarray] = {}


def start_worker(path: str) -> None:
    global corpus, tokenizer
    corpus = pickle.loads(Path(path).read_bytes())
    tokenizer = Tokenizer.from_file(str(corpus.tokenizer))


def cached_features(text: str) -> np.ndarray:
    if text not in answer_features:
        answer_features[text] = features(text)
    return answer_features[text]


def make_chunk(task: tuple[int, int]) -> dict[str, np.ndarray]:
    """`count` pairs from a seed, as the arrays that `Pool.add` takes."""
    seed, count = task
    rng = np.random.default_rng(seed)
    made = [make_pair(rng) for _ in range(count)]
    kinds = np.array([pair[4] for pair in made])
    pairs = Pairs(
        a=np.stack([cached_features(p[1][0]) if p[4] == NATURAL else features(p[1][0]) for p in made]),
        b=np.stack([cached_features(p[2][0]) if p[4] == NATURAL else features(p[2][0]) for p in made]),
        prompt=np.stack([cached_features(p[0][0]) for p in made]),
        turns=np.array([p[0][1] for p in made]),
        same=np.array([float(p[1][0] == p[2][0]) for p in made]),
        model_a=np.array([p[1][1] for p in made]),
        model_b=np.array([p[2][1] for p in made]),
    )
    taught = teach(corpus.teachers, pairs, np.array([corpus.fold[p[3]] for p in made]))
    share = INFORMED[kinds][:, None]
    off_topic = np.array([p[5] for p in made])
    targets = {
        judge: with_topic(taught[f"{judge} surface"] * (1 - share) + taught[f"{judge} informed"] * share, off_topic)
        for judge in ("human", "gpt4")
    }
    texts = [(p[0][0], p[1][0], p[2][0]) for p in made]
    encoded = encode_pairs(tokenizer, corpus.compact, texts, corpus.max_length)
    return chunk(encoded, pairs, targets, taught["human surface"], off_topic, np.ones((count, 2)))


def chunk(encoded, pairs: Pairs, targets, surface, off_topic, weights) -> dict[str, np.ndarray]:
    half = np.float16
    return {
        "ids": np.concatenate([ids for ids, _, _ in encoded]),
        "length": np.array([len(ids) for ids, _, _ in encoded]),
        "start_a": np.array([a for _, a, _ in encoded]),
        "start_b": np.array([b for _, _, b in encoded]),
        "human": targets["human"].astype(half),
        "gpt4": targets["gpt4"].astype(half),
        "surface": surface.astype(half),
        "features": np.stack([pairs.a, pairs.b], axis=1).astype(half),
        "models": np.stack([pairs.model_a, pairs.model_b], axis=1),
        "off_topic": off_topic,
        "weights": weights.astype(half),  # of the human and of the gpt4 target
    }


def with_topic(p: np.ndarray, off_topic: np.ndarray) -> np.ndarray:
    """An answer to another prompt mostly loses, whatever its looks. off_topic: 0 none, 1 A, 2 B, 3 both."""
    p = p.copy()
    for value, winner in ((1, 1), (2, 0)):
        rows = off_topic == value
        p[rows] = 0.4 * p[rows] + 0.6 * np.eye(3)[winner]
    return p


def make_pair(rng: np.random.Generator) -> tuple:
    """Prompt, answer A, answer B, group whose teachers label it, kind, which answers are off topic."""
    number = int(rng.choice(corpus.rows))
    prompt, group = corpus.prompts[number], corpus.prompt_group[number]
    kind = int(rng.choice(3, p=SHARES))
    mine = corpus.by_group[group]
    a, b = (corpus.answers[i] for i in rng.choice(mine, 2, replace=len(mine) < 2))
    off_topic = 0
    if kind == ALTERED:
        which = rng.integers(3)
        if which != 1:
            a = (alter(a[0], mine, rng), a[1])
        if which != 0:
            b = (alter(b[0], mine, rng), b[1])
    elif kind == CROSSED:
        off_topic = int(rng.choice([1, 2, 3], p=[0.3, 0.3, 0.4]))
        other = corpus.by_group[corpus.prompt_group[int(rng.choice(corpus.rows))]]
        if other is mine:
            off_topic = 0
        if off_topic & 1:
            a = corpus.answers[rng.choice(other)]
        if off_topic & 2:
            b = corpus.answers[rng.choice(other)]
    return prompt, a, b, group, kind, off_topic


def alter(text: str, siblings: list[int], rng: np.random.Generator) -> str:
    """Another text of the same style and other counts."""
    pieces = PIECE.findall(text)
    if not pieces:
        return text
    n = len(pieces)
    match rng.integers(8):
        case 0 | 1:  # the beginning
            return "".join(pieces[: 1 + rng.integers(n)]).rstrip()
        case 2:  # cut in the middle of something
            return text[: 1 + rng.integers(len(text))]
        case 3 | 4:  # holes
            keep = rng.random(n) > rng.uniform(0.1, 0.6)
            return "".join(piece for piece, k in zip(pieces, keep) if k).rstrip()
        case 5:  # something said again
            start = rng.integers(n)
            again = pieces[start : start + 1 + rng.integers(4)] * int(1 + rng.integers(3))
            return "".join(pieces[:start] + again + pieces[start:])
        case 6:  # without lines or marks
            return " ".join(text.split()) if rng.random() < 0.5 else MARKS.sub("", text)
        case _:  # gone on by another answer
            more = PIECE.findall(corpus.answers[rng.choice(siblings)][0])
            return "".join(pieces[: 1 + rng.integers(n)] + more[rng.integers(len(more) + 1) :])


class Supply:
    """Keeps workers making chunks and hands them over as they come."""

    def __init__(self, pool: ProcessPoolExecutor, workers: int, count: int, take: Callable[[dict], bool]):
        self.pool, self.count, self.take, self.seed = pool, count, take, 0
        self.waiting: set[Future] = set()
        self.open = True
        for _ in range(3 * workers):
            self.submit()

    def submit(self) -> None:
        self.seed += 1
        self.waiting.add(self.pool.submit(make_chunk, (self.seed, self.count)))

    def collect(self, timeout: float = 0.0, at_most: int = 1) -> None:
        """Takes some finished chunks; waits for the first at most `timeout` seconds."""
        if not self.open:
            return
        done, _ = wait(self.waiting, timeout=timeout, return_when=FIRST_COMPLETED)
        try:
            for future in list(done)[:at_most]:
                self.waiting.discard(future)
                if not self.take(future.result()):
                    return self.close()
                self.submit()
        except Exception as error:  # a dead worker: go on with the pairs there are
            print(f"no more recombined pairs: {error!r}", flush=True)
            self.close()

    def close(self) -> None:
        self.open = False
        self.pool.shutdown(wait=False, cancel_futures=True)
