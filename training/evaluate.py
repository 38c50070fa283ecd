"""Probabilities of rows and figures of probabilities."""

from typing import Callable

import numpy as np
import torch

from data import SWAP
from model import Config, Weights, decoder_layer, forward, pooled


@torch.no_grad()
def predict(
    config: Config, weights: Weights, score: torch.Tensor, rows: list[np.ndarray], max_length: int, batch_tokens: int
) -> np.ndarray:
    """[rows, 3] in float32, of token ids that end with `<eos>`; longer rows are cut on the right and keep it."""
    device = score.device
    rows = [row if len(row) <= max_length else np.append(row[: max_length - 1], row[-1]) for row in rows]
    layer = decoder_layer(config, torch.float32)
    order = np.argsort([len(row) for row in rows])[::-1]
    out = np.zeros((len(rows), 3))
    at = 0
    while at < len(order):
        longest = len(rows[order[at]])
        picked = order[at : at + max(1, batch_tokens // longest)]
        ids = np.zeros((len(picked), longest), dtype=np.int64)
        for i, row in enumerate(picked):
            ids[i, : len(rows[row])] = rows[row]
        length = torch.tensor([len(rows[row]) for row in picked], device=device)
        hidden = forward(config, weights, torch.from_numpy(ids).to(device), layer)
        logits = pooled(hidden, length) @ score.T
        out[picked] = torch.softmax(logits.double(), dim=-1).cpu().numpy()
        at += len(picked)
    return out


def with_tta(straight: np.ndarray, exchanged: np.ndarray) -> np.ndarray:
    return (straight + exchanged[:, SWAP]) / 2


def losses(p: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return -np.log(np.clip(p[np.arange(len(labels)), labels], 1e-15, 1))


class Bootstrap:
    """Intervals of means over rows, by drawing whole groups (prompts) again."""

    def __init__(self, groups: list[str], draws: int = 2000):
        _, self.index = np.unique(np.array(groups), return_inverse=True)
        count = self.index.max() + 1
        rng = np.random.default_rng(0)
        self.times = rng.multinomial(count, np.full(count, 1 / count), size=draws)  # of each group in each draw
        self.sizes = np.bincount(self.index, minlength=count)

    def mean(self, values: np.ndarray) -> dict[str, float]:
        sums = np.bincount(self.index, weights=values, minlength=len(self.sizes))
        means = (self.times @ sums) / (self.times @ self.sizes)
        low, high = np.quantile(means, [0.025, 0.975])
        return {"mean": round(float(values.mean()), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def calibration_error(p: np.ndarray, labels: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error of the most likely class."""
    sure, hit = p.max(1), p.argmax(1) == labels
    place = np.minimum((sure * bins).astype(int), bins - 1)
    gaps = [abs(sure[place == b].mean() - hit[place == b].mean()) * (place == b).mean() for b in np.unique(place)]
    return round(float(sum(gaps)), 4)


def figures(p: np.ndarray, labels: np.ndarray, groups: list[str], yardstick: np.ndarray | None = None) -> dict:
    """Log loss on hard labels with its interval, against a yardstick on the same rows, accuracy, calibration."""
    bootstrap = Bootstrap(groups)
    out = {"log_loss": bootstrap.mean(losses(p, labels))}
    if yardstick is not None:
        out["minus_surface_regression"] = bootstrap.mean(losses(p, labels) - losses(yardstick, labels))
    out["accuracy"] = bootstrap.mean((p.argmax(1) == labels).astype(float))
    out["calibration_error"] = calibration_error(p, labels)
    return out


def best_temperature(p: np.ndarray, labels: np.ndarray) -> float:
    """The factor on logits, between 0.6 and 1.4, that gives the least log loss."""
    logs = np.log(np.clip(p, 1e-12, 1))

    def loss(factor: float) -> float:
        q = np.exp(logs * factor)
        return losses(q / q.sum(1, keepdims=True), labels).mean()

    return float(min(np.linspace(0.6, 1.4, 41), key=loss))
