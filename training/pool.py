"""Pairs on the device, picked in batches of one padded length, so that few shapes need compiling."""

from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Batch:
    ids: torch.Tensor  # [B, T], padded with 0
    length: torch.Tensor
    start_a: torch.Tensor
    start_b: torch.Tensor
    human: torch.Tensor  # [B, 3] targets
    gpt4: torch.Tensor
    surface: torch.Tensor
    features: torch.Tensor  # [B, 2, FEATURES]
    models: torch.Tensor  # [B, 2]
    off_topic: torch.Tensor
    weights: torch.Tensor  # [B, 2]


class Pool:
    def __init__(self, device: torch.device, lengths: tuple[int, ...], token_capacity: int, pair_capacity: int):
        self.device, self.lengths = device, lengths
        self.token_capacity, self.pair_capacity = token_capacity, pair_capacity
        self.tokens = self.pairs = 0
        self.fields: dict[str, torch.Tensor] = {}

    def add(self, chunk: dict[str, np.ndarray]) -> bool:
        """Takes a chunk of pairs; False when there is no room left."""
        ids = torch.from_numpy(chunk["ids"])
        count = len(chunk["length"])
        if self.tokens + len(ids) > self.token_capacity or self.pairs + count > self.pair_capacity:
            return False
        rest = {name: torch.from_numpy(values) for name, values in chunk.items() if name != "ids"}
        rest["offset"] = torch.cumsum(rest["length"], 0) - rest["length"] + self.tokens
        if not self.fields:
            # A little more than the last token, so that a padded row never reads past the end.
            self.ids = torch.zeros(self.token_capacity + max(self.lengths), dtype=torch.int32, device=self.device)
            for name, values in rest.items():
                shape = (self.pair_capacity, *values.shape[1:])
                self.fields[name] = torch.zeros(shape, dtype=values.dtype, device=self.device)
        self.ids[self.tokens : self.tokens + len(ids)] = ids.to(self.device)
        for name, values in rest.items():
            self.fields[name][self.pairs : self.pairs + count] = values.to(self.device)
        self.tokens += len(ids)
        self.pairs += count
        bounds = torch.tensor(self.lengths, device=self.device)
        bucket = torch.bucketize(self.fields["length"][: self.pairs], bounds)
        self.buckets = [torch.nonzero(bucket == i).flatten() for i in range(len(self.lengths))]
        self.counts = [len(rows) for rows in self.buckets]
        return True

    def batch(self, rng: np.random.Generator, tokens: int) -> Batch:
        """About `tokens` tokens of pairs of one bucket; every pair of the pool is as likely as any other."""
        share = np.array([count * length for count, length in zip(self.counts, self.lengths)], dtype=np.float64)
        bucket = int(rng.choice(len(self.lengths), p=share / share.sum()))
        length = self.lengths[bucket]
        picks = torch.randint(self.counts[bucket], (max(1, tokens // length),), device=self.device)
        rows = self.buckets[bucket][picks]
        take = {name: values[rows] for name, values in self.fields.items()}
        places = torch.arange(length, device=self.device)
        ids = self.ids[take.pop("offset")[:, None] + places].long()
        ids = torch.where(places < take["length"][:, None], ids, 0)
        floats = {name: values.float() if values.is_floating_point() else values.long() for name, values in take.items()}
        return Batch(ids=ids, **floats)
