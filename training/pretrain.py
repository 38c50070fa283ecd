"""
The base: one model learns, all at once and from random weights,
- what the teachers say of recombined pairs, and later what people and GPT-4 said of the true ones (`<eos>`);
- the features that the teachers see, the answering models and whether an answer belongs to the prompt (`<eos>`);
- running counts of the answer at hand and how they compare with the first answer's, and who wrote it (every token);
- the next token, mostly at the beginning.
Only the two judges' heads outlive this; they start the adapters. From QAT on the weights are rounded as the package does.
"""

import math
import time
from dataclasses import dataclass, field
from typing import Callable

import numpy as np
import torch
import torch.nn.functional as nn

from data import OTHER, TOKEN_COUNTS
from model import EMBEDDING, Config, Weights, decoder_layer, forward, pooled
from pool import Batch, Pool
from quantize import straight_through
from surface import FEATURES

HEADING_TOKENS = 6  # of "\n\n<response_b>:"


@dataclass
class Options:
    tokens: int = 65_536  # of a batch
    rate: float = 2.5e-3
    dropout: float = 0.1
    noise: float = 0.03  # share of tokens replaced by others
    decay: float = 0.999  # of the moving average of weights
    lm_until: float = 0.2
    labels_from: float = 0.35
    labels_share: float = 0.25  # of the batches at the end
    round_from: float = 0.65


@dataclass
class Trainer:
    """What all training stages share: the device, the pairs and an optimizer step that survives failures."""

    config: Config
    device: torch.device
    synthetic: Pool
    labelled: Pool
    table: torch.Tensor  # [vocabulary, TOKEN_COUNTS]
    feature_scale: torch.Tensor  # [FEATURES]
    vocabulary: int
    models: int
    compiled: bool
    tokens: int
    collect: Callable[[], None]
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(1))
    seen: int = 0  # tokens trained on

    def __post_init__(self):
        self.dtype = torch.bfloat16 if self.device.type == "cuda" else torch.float32
        self.plain = decoder_layer(self.config, self.dtype)
        self.layer = torch.compile(self.plain, dynamic=False) if self.compiled else self.plain

    def hidden(self, weights: Weights, ids: torch.Tensor, dropout: float) -> torch.Tensor:
        return forward(self.config, weights, ids, self.layer, dropout)

    def batch(self, labels_share: float, noise: float) -> Batch:
        pool = self.labelled if self.rng.random() < labels_share else self.synthetic
        batch = pool.batch(self.rng, self.tokens)
        other = torch.randint(OTHER + 1, self.vocabulary, batch.ids.shape, device=self.device)
        changed = (torch.rand(batch.ids.shape, device=self.device) < noise) & (batch.ids >= OTHER)
        batch.ids = torch.where(changed, other, batch.ids)
        return batch

    def step(self, parameters: list, optimizer, make_loss: Callable[[Batch], torch.Tensor], share: float, noise: float):
        """One optimizer step. A batch that does not fit is halved from then on; one that is not finite is left out."""
        try:
            batch = self.batch(share, noise)
            optimizer.zero_grad(set_to_none=True)
            loss = make_loss(batch)
            loss.backward()
        except torch.OutOfMemoryError:
            optimizer.zero_grad(set_to_none=True)
            loss = batch = None
            self.tokens //= 2
            print(f"out of memory: {self.tokens} tokens a batch from now on", flush=True)
            torch.cuda.empty_cache()
            return None
        except Exception as error:
            if self.layer is self.plain:
                raise
            print(f"compiled layer failed, going on without: {error!r:.500}", flush=True)
            self.layer = self.plain
            return None
        norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        if not torch.isfinite(norm):
            return None
        optimizer.step()
        self.seen += batch.ids.numel()
        return loss.detach()


def make_heads(config: Config, models: int, device: torch.device) -> Weights:
    sizes = {
        "human": 3, "gpt4": 3, "surface": 3, "off_topic": 4, "features": 3 * len(FEATURES), "models": 2 * models,
        "counts": 3 * len(TOKEN_COUNTS), "author": models,
    }  # fmt: skip
    heads = {name: torch.zeros(size, config.hidden, device=device) for name, size in sizes.items()}
    return heads | {f"{name} bias": torch.zeros(sizes[name], device=device) for name in sizes if name not in JUDGES}


JUDGES = ("human", "gpt4")


def soft_loss(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    return -(target * torch.log_softmax(logits.float(), dim=-1)).sum(-1)


def judged_loss(at_end: torch.Tensor, heads: Weights, batch: Batch) -> torch.Tensor:
    losses = [soft_loss(at_end @ heads[judge].T, getattr(batch, judge)) for judge in JUDGES]
    return (torch.stack(losses, dim=1) * batch.weights).mean()


def end_losses(trainer: Trainer, heads: Weights, batch: Batch, at_end: torch.Tensor) -> torch.Tensor:
    """Of what can be said of a pair: features of both answers, their difference, authors, topic, surface teacher."""
    linear = lambda name: at_end @ heads[name].T + heads[f"{name} bias"]
    features = batch.features / trainer.feature_scale
    features = torch.cat([features.flatten(1), features[:, 0] - features[:, 1]], dim=1)
    feature_loss = nn.smooth_l1_loss(linear("features"), features)
    author_loss = known_authors(linear("models").view(-1, trainer.models), batch.models.flatten())
    topic_loss = nn.cross_entropy(linear("off_topic"), batch.off_topic)
    surface_loss = soft_loss(linear("surface"), batch.surface).mean()
    return feature_loss + 0.1 * author_loss + 0.2 * topic_loss + 0.5 * surface_loss


def known_authors(logits: torch.Tensor, models: torch.Tensor) -> torch.Tensor:
    """Cross-entropy where the author is known (number 0 is not)."""
    return nn.cross_entropy(logits, torch.where(models > 0, models, -100), reduction="sum") / len(models)


def token_losses(trainer: Trainer, heads: Weights, batch: Batch, hidden: torch.Tensor) -> torch.Tensor:
    """At every token of an answer: counts so far, the first answer's, their difference, and the author."""
    places = torch.arange(batch.ids.shape[1], device=trainer.device)
    in_a = (places >= batch.start_a[:, None]) & (places < batch.start_b[:, None] - HEADING_TOKENS)
    in_b = (places >= batch.start_b[:, None]) & (places < batch.length[:, None] - 1)
    counts = trainer.table[batch.ids]
    a = torch.log1p((counts * in_a[..., None]).cumsum(1))
    b = torch.log1p((counts * in_b[..., None]).cumsum(1))
    target = torch.cat([torch.where(in_b[..., None], b, a), a, (b - a) * in_b[..., None]], dim=-1) / 2
    inside = (in_a | in_b).float()
    said = hidden @ heads["counts"].T + heads["counts bias"]
    count_loss = (nn.smooth_l1_loss(said, target, reduction="none").mean(-1) * inside).sum() / inside.sum().clamp_min(1)
    author = torch.where(in_b, batch.models[:, 1:], batch.models[:, :1]) * inside.long()
    logits = hidden @ heads["author"].T + heads["author bias"]
    return count_loss + 0.1 * known_authors(logits.flatten(0, 1), author.flatten())


def next_token_loss(config: Config, weights: Weights, batch: Batch, hidden: torch.Tensor, count: int) -> torch.Tensor:
    """At `count` random places."""
    places = torch.arange(batch.ids.shape[1], device=hidden.device)
    flat = torch.nonzero((places < batch.length[:, None] - 1).flatten()).flatten()
    flat = flat[torch.randint(len(flat), (count,), device=hidden.device)]
    dtype = torch.bfloat16 if hidden.is_cuda else torch.float32
    logits = hidden.flatten(0, 1)[flat].to(dtype) @ weights[EMBEDDING].to(dtype).T
    logits = config.final_cap * torch.tanh(logits.float() / config.final_cap)
    return nn.cross_entropy(logits, batch.ids.flatten()[flat + 1])


def cosine(progress: float, warmup: float = 0.02, floor: float = 0.03) -> float:
    if progress < warmup:
        return progress / warmup
    return floor + (1 - floor) * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup))) / 2


class Average:
    """Moving average of tensors."""

    def __init__(self, values: Weights, decay: float):
        self.names, self.decay, self.steps = list(values), decay, 0
        self.values = {name: value.detach().clone() for name, value in values.items()}

    @torch.no_grad()
    def update(self, values: Weights) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(
            [self.values[name] for name in self.names], [values[name].detach() for name in self.names], 1 - decay
        )

    def copy(self) -> Weights:
        return {name: value.clone() for name, value in self.values.items()}


def pretrain(
    trainer: Trainer,
    weights: Weights,
    heads: Weights,
    seconds: float,
    options: Options,
    assess: Callable[[Weights, Weights], tuple[float, str]],
    say: Callable[[str], None],
) -> tuple[Weights, Weights]:
    """Trains for so many seconds; returns the averaged weights and heads that were best on dev rows, 4 bit."""
    config, device = trainer.config, trainer.device
    values = {**weights, **{f"head {name}": value for name, value in heads.items()}}
    for value in values.values():
        value.requires_grad_()
    decayed = [values[name] for name in config.linear_names()]
    known = {id(value) for value in decayed}
    plain = [value for value in values.values() if id(value) not in known and value is not weights[EMBEDDING]]
    groups = [
        {"params": decayed, "weight_decay": 0.1, "scale": 1.0},
        {"params": plain, "weight_decay": 0.0, "scale": 1.0},
        {"params": [weights[EMBEDDING]], "weight_decay": 0.0, "scale": 0.6},
    ]
    optimizer = torch.optim.AdamW(groups, lr=options.rate, betas=(0.9, 0.98), fused=device.type == "cuda")
    average = Average(values, options.decay)
    apart = lambda v: (
        {n: x for n, x in v.items() if not n.startswith("head ")},
        {n[5:]: x for n, x in v.items() if n.startswith("head ")},
    )

    started = time.monotonic()
    progress = 0.0
    parts: dict[str, torch.Tensor] = {}

    def make_loss(batch: Batch) -> torch.Tensor:
        early = progress < options.lm_until
        used = straight_through(config, weights) if progress >= options.round_from else weights
        hidden = trainer.hidden(used, batch.ids, options.dropout)
        at_end = pooled(hidden, batch.length)
        parts["judges"] = judged_loss(at_end, heads, batch)
        parts["end"] = end_losses(trainer, heads, batch, at_end)
        parts["token"] = token_losses(trainer, heads, batch, hidden)
        count = trainer.tokens // (4 if early else 32)
        parts["next"] = next_token_loss(config, used, batch, hidden, count)
        shares = (0.5, 1.0, 1.0, 0.5) if early else (1.0, 0.5, 0.5, 0.05)
        return sum(share * part for share, part in zip(shares, parts.values()))

    best, best_value = average.copy(), math.inf
    steps, seen, last, last_said = 0, trainer.seen, started, started
    while (progress := (time.monotonic() - started) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = group["scale"] * options.rate * cosine(progress)
        ramp = (progress - options.labels_from) / (1 - options.labels_from)
        share = options.labels_share * min(1.0, max(0.0, ramp * 1.5))
        if trainer.step(list(values.values()), optimizer, make_loss, share, options.noise) is not None:
            average.update(values)
            steps += 1
        if steps % 2 == 0:
            trainer.collect()
        now = time.monotonic()
        if now - last >= max(4.0, seconds / (16 if progress < 0.5 else 32)):
            last = now
            losses = ", ".join(f"{name} {part.item():.3f}" for name, part in parts.items())
            value, text = assess(*apart(average.values))
            if value < best_value:
                best, best_value = average.copy(), value
            rate = (trainer.seen - seen) / (time.monotonic() - last_said) / 1e6
            seen, last_said = trainer.seen, time.monotonic()
            pairs = trainer.synthetic.pairs
            say(f"base {progress:4.0%} step {steps}, {rate:.2f} M tokens/s, {pairs} pairs; {losses}; {text}")
    value, text = assess(*apart(average.values))
    if value < best_value:
        best, best_value = average.copy(), value
    say(f"base done, {steps} steps, {trainer.seen / 1e6:.0f} M tokens; last {text}; best {best_value:.4f}")
    return apart(best)
