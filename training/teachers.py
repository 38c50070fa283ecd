"""
Classical models whose predictions the transformer learns: boosted and random trees on surface features of both answers.
`surface` teachers see features only. `informed` ones also see how strong the two answering models are (Bradley-Terry, from
the training rows): what the transformer sees of that, it must read off the texts.
Teachers are fitted once for each fold of the training prompts and label only prompts of the fold they have not seen.
"""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier

from data import SWAP
from surface import F

FOLDS = 4


@dataclass
class Pairs:
    """Pairs as arrays, one row each: features of the answers and the prompt, numbers of the answering models (0: unknown)."""

    a: np.ndarray
    b: np.ndarray
    prompt: np.ndarray
    turns: np.ndarray
    same: np.ndarray
    model_a: np.ndarray
    model_b: np.ndarray

    def take(self, rows: np.ndarray) -> "Pairs":
        return Pairs(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def swapped(self) -> "Pairs":
        return Pairs(self.b, self.a, self.prompt, self.turns, self.same, self.model_b, self.model_a)

    def known(self) -> np.ndarray:
        return (self.model_a > 0) & (self.model_b > 0)


def matrix(pairs: Pairs, strengths: np.ndarray | None) -> np.ndarray:
    length_a, length_b = pairs.a[:, 0], pairs.b[:, 0]
    columns = [
        pairs.a - pairs.b, pairs.a, pairs.b, pairs.prompt[:, [0, F["digits"], F["code"]]], pairs.turns[:, None],
        pairs.same[:, None], np.abs(length_a - length_b)[:, None], np.maximum(length_a, length_b)[:, None],
        np.abs(pairs.a[:, F["list items"]] - pairs.b[:, F["list items"]])[:, None],
    ]  # fmt: skip
    if strengths is not None:
        a, b = strengths[pairs.model_a], strengths[pairs.model_b]
        columns.append(np.stack([a - b, np.abs(a - b), a + b], axis=1))
    return np.hstack(columns).astype(np.float32)


def bradley_terry(pairs: Pairs, votes: np.ndarray, weights: np.ndarray, models: int, ridge: float = 3.0) -> np.ndarray:
    """Strengths of the models by Newton's method; a tie is half a win. Model 0 keeps strength 0."""
    design = np.zeros((len(votes), models))
    rows = np.arange(len(votes))
    np.add.at(design, (rows, pairs.model_a), 1)
    np.add.at(design, (rows, pairs.model_b), -1)
    design[:, 0] = 0
    wins = votes[:, 0] + votes[:, 2] / 2
    strengths = np.zeros(models)
    for _ in range(20):
        p = 1 / (1 + np.exp(-design @ strengths))
        gradient = design.T @ (weights * (p - wins)) + ridge * strengths
        hessian = (design.T * (weights * p * (1 - p))) @ design + ridge * np.eye(models)
        strengths -= np.linalg.solve(hessian, gradient)
    return strengths


class Teacher:
    """One teacher of one judge, fitted to some rows."""

    def __init__(self, informed: bool, trees: int = 60, rounds: int = 130):
        self.informed, self.trees, self.rounds = informed, trees, rounds

    def fit(self, pairs: Pairs, labels: np.ndarray, votes: np.ndarray, weights: np.ndarray, models: int) -> "Teacher":
        self.strengths = None
        if self.informed:
            self.strengths = bradley_terry(pairs, votes, weights, models)
            known = pairs.known()
            pairs, labels, weights = pairs.take(known), labels[known], weights[known]
        x = np.vstack([matrix(pairs, self.strengths), matrix(pairs.swapped(), self.strengths)])
        y = np.concatenate([labels, np.array(SWAP)[labels]])
        w = np.tile(weights, 2)
        self.boosted = HistGradientBoostingClassifier(
            max_iter=self.rounds, learning_rate=0.04, max_leaf_nodes=12, min_samples_leaf=60, l2_regularization=5,
            max_features=0.3, random_state=0,
        ).fit(x, y, sample_weight=w)  # fmt: skip
        self.forest = ExtraTreesClassifier(self.trees, min_samples_leaf=6, max_features=0.3, random_state=0)
        self.forest.fit(x, y, sample_weight=w)
        return self

    def predict(self, pairs: Pairs) -> np.ndarray:
        x = matrix(pairs, self.strengths)
        return (self.boosted.predict_proba(x) + self.forest.predict_proba(x)) / 2


KINDS = [(judge, informed) for judge in ("human", "gpt4") for informed in (False, True)]


def fit_one(task: tuple) -> tuple[tuple, Teacher]:
    """Fits the teacher of one fold, judge and kind (a task of a process pool)."""
    (fold, judge, informed), pairs, labels, votes, human, folds, models, small = task
    rows = np.nonzero(folds != fold)[0]
    mine = human[rows] == (judge == "human")
    weights = np.where(mine, 1.0, 0.25)
    teacher = Teacher(informed, **({"trees": 10, "rounds": 20} if small else {}))
    return (fold, judge, informed), teacher.fit(pairs.take(rows), labels[rows], votes[rows], weights, models)


def teach(teachers: dict[tuple, Teacher], pairs: Pairs, folds: np.ndarray) -> dict[str, np.ndarray]:
    """
    Predictions of the teachers that have not seen a pair's prompt (fold -1: nobody has, the mean of all): [rows, 3] by
    judge and kind. Where a model is unknown, the informed teacher's place is taken by the surface teacher.
    """
    out = {}
    for judge, informed in KINDS:
        p = np.zeros((len(folds), 3))
        for fold in np.unique(folds):
            rows = np.nonzero(folds == fold)[0]
            chosen = [teachers[f, judge, informed] for f in (range(FOLDS) if fold < 0 else [fold])]
            p[rows] = np.mean([teacher.predict(pairs.take(rows)) for teacher in chosen], axis=0)
        if informed:
            known = pairs.known()
            p[~known] = out[f"{judge} surface"][~known]
        out[f"{judge} {'informed' if informed else 'surface'}"] = p
    return out
