"""A LoRA adapter with a score head on the frozen, rounded base: true rows of one judge, with some recombined pairs."""

import math
import time
from typing import Callable

import torch

from model import Config, Weights, pooled
from pool import Batch
from pretrain import Average, Trainer, cosine, soft_loss

RANK, ALPHA = 16, 32


def new_adapter(config: Config, score: torch.Tensor, seed: int) -> Weights:
    """As PEFT starts one: A is random, B is zero, so that the first step sees the base."""
    generator = torch.Generator().manual_seed(seed)
    adapter = {"score": score.detach().clone()}
    for layer in range(config.layers):
        for name, (out, inp) in config.linears().items():
            module = f"model.layers.{layer}.{name}"
            bound = inp**-0.5
            a = torch.empty(RANK, inp).uniform_(-bound, bound, generator=generator)
            adapter[f"{module}.lora_A"] = a.to(score.device)
            adapter[f"{module}.lora_B"] = torch.zeros(out, RANK, device=score.device)
    return adapter


def adapted(config: Config, base: Weights, adapter: Weights) -> Weights:
    """The weights with the adapter merged in: W + alpha / r * B A."""
    out = dict(base)
    for name in config.linear_names():
        module = name.removesuffix(".weight")
        out[name] = base[name] + (ALPHA / RANK) * (adapter[f"{module}.lora_B"] @ adapter[f"{module}.lora_A"])
    return out


def adapt(
    trainer: Trainer,
    base: Weights,
    score: torch.Tensor,
    judge: str,
    seconds: float,
    assess: Callable[[Weights, torch.Tensor], tuple[float, str]],
    say: Callable[[str], None],
    rate: float = 1e-3,
    labels_share: float = 0.6,
    noise: float = 0.03,
    dropout: float = 0.1,
) -> Weights:
    """Trains for so many seconds; returns the averaged adapter that was best on dev rows."""
    config = trainer.config
    # Gradients of the base are not used, but with them the layers look as in pre-training: nothing is compiled again.
    base = {name: value.detach().clone().requires_grad_() for name, value in base.items()}
    adapter = new_adapter(config, score, seed=len(judge))
    for value in adapter.values():
        value.requires_grad_()
    parameters = list(adapter.values())
    fused = trainer.device.type == "cuda"
    optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.05, fused=fused)
    average = Average(adapter, 0.998)
    column = ("human", "gpt4").index(judge)

    def make_loss(batch: Batch) -> torch.Tensor:
        hidden = trainer.hidden(adapted(config, base, adapter), batch.ids, dropout)
        losses = soft_loss(pooled(hidden, batch.length) @ adapter["score"].T, getattr(batch, judge))
        return (losses * batch.weights[:, column]).mean()

    def judged() -> tuple[float, str]:
        with torch.no_grad():
            return assess(adapted(config, base, average.values), average.values["score"])

    best_value, text = judged()  # the base with its own head
    best = average.copy()
    say(f"adapter {judge} before: {text}")
    started = last = time.monotonic()
    steps, loss = 0, None
    while (progress := (time.monotonic() - started) / seconds) < 1:
        optimizer.param_groups[0]["lr"] = rate * cosine(progress, warmup=0.05)
        for value in base.values():
            value.grad = None
        loss = trainer.step(parameters, optimizer, make_loss, labels_share, noise)
        if loss is not None:
            average.update(adapter)
            steps += 1
        trainer.collect()
        if time.monotonic() - last >= max(3.0, seconds / 12):
            value, text = judged()
            if value < best_value:
                best, best_value = average.copy(), value
            shown = math.nan if loss is None else loss.item()
            say(f"adapter {judge} {progress:4.0%} step {steps}, loss {shown:.3f}; {text}")
            last = time.monotonic()
    value, text = judged()
    if value < best_value:
        best, best_value = average.copy(), value
    say(f"adapter {judge} done, {steps} steps; last {text}; best {best_value:.4f}")
    return best
