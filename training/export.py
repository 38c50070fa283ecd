"""Writes what comes back from the GPU: few files, each under 16 MB. `assemble.py` makes checkpoint folders of them."""

import json
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from data import Vocabulary
from model import EMBEDDING, Config, Weights


def array(value: torch.Tensor, half: bool = False) -> np.ndarray:
    value = value.detach().float().cpu()
    return np.ascontiguousarray((value.half() if half else value).numpy())


def export_base(folder: Path, config: Config, weights: Weights, vocabulary: Vocabulary) -> None:
    """Matrices in float16, norms in float32; of the embedding only the rows of tokens that occur, with their ids."""
    matrices = set(config.linear_names())
    tensors = {name: array(value, name in matrices) for name, value in weights.items() if name != EMBEDDING}
    save_file(tensors, folder / "base.safetensors")
    save_file({"ids": vocabulary.ids, "rows": array(weights[EMBEDDING], True)}, folder / "embedding.safetensors")
    text = json.dumps(config.transformers(len(vocabulary.compact)), indent=2)
    (folder / "config.json").write_text(text + "\n")


def export_adapter(folder: Path, name: str, adapter: Weights) -> None:
    """Under PEFT's names, float32."""
    tensors = {"base_model.model.score.weight": array(adapter["score"])}
    for key, value in adapter.items():
        if key != "score":
            tensors[f"base_model.model.{key}.weight"] = array(value)
    save_file(tensors, folder / f"adapter-{name}.safetensors")


def export_json(folder: Path, name: str, value: object) -> None:
    (folder / name).write_text(json.dumps(value, indent=1, default=float) + "\n")
