"""The package's 4-bit rounding: NF4 for linear layers, integers for the embedding (as in src/model/formats)."""

import torch

from model import EMBEDDING, Config, Weights

NF4 = torch.tensor([
    -1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334,
    -0.09105003625154495, 0.0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224,
    0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0,
])  # fmt: skip
NF4_BLOCK, INT4_BLOCK, INT4_ROUNDS = 64, 32, 4


def round_nf4(blocks: torch.Tensor) -> torch.Tensor:
    """[n, 64] values rounded to NF4 with the exact largest value as scale."""
    book = NF4.to(blocks.device)
    absmax = blocks.abs().amax(1, keepdim=True)
    codes = torch.bucketize(blocks / absmax.clamp_min(1e-30), (book[1:] + book[:-1]) / 2)
    return book[codes] * absmax


def round_int4(blocks: torch.Tensor) -> torch.Tensor:
    """[n, 32] values rounded to 4-bit integers times the float16 scale that makes the squared error smallest."""
    extreme = blocks.gather(1, blocks.abs().argmax(1, keepdim=True))
    scale = extreme / -8
    best_scale, best_codes = torch.zeros_like(scale), torch.zeros_like(blocks)
    best_error = torch.full_like(scale, torch.inf)
    for _ in range(INT4_ROUNDS + 1):
        alive = scale != 0
        codes = torch.floor(blocks / torch.where(alive, scale, 1) + 0.5).clamp(-8, 7)
        error = (blocks - codes * scale).square().sum(1, keepdim=True)
        better = alive & (error < best_error)
        best_error = torch.where(better, error, best_error)
        best_scale = torch.where(better, scale, best_scale)
        best_codes = torch.where(better, codes, best_codes)
        norm = codes.square().sum(1, keepdim=True)
        scale = torch.where(alive & (norm > 0), (blocks * codes).sum(1, keepdim=True) / norm.clamp_min(1), 0)
    return best_codes * best_scale.half().float()


@torch.no_grad()
def rounded(config: Config, weights: Weights) -> Weights:
    """The weights as the package holds them."""
    out = dict(weights)
    names = config.linear_names()
    flat = round_nf4(torch.cat([weights[name].reshape(-1, NF4_BLOCK) for name in names]))
    for name, values in zip(names, flat.split([weights[name].numel() // NF4_BLOCK for name in names])):
        out[name] = values.reshape(weights[name].shape)
    embedding = weights[EMBEDDING]
    out[EMBEDDING] = round_int4(embedding.reshape(-1, INT4_BLOCK)).reshape(embedding.shape)
    return out


def straight_through(config: Config, weights: Weights) -> Weights:
    """Rounded values whose gradients go to the weights behind them."""
    values = rounded(config, weights)
    return {
        name: weight if values[name] is weight else weight + (values[name] - weight).detach()
        for name, weight in weights.items()
    }


@torch.no_grad()
def stored(config: Config, weights: Weights) -> Weights:
    """The weights as the checkpoint holds them: norms in float32, the rest in float16."""
    matrices = {EMBEDDING, *config.linear_names()}
    return {name: w.half().float() if name in matrices else w.clone().float() for name, w in weights.items()}
