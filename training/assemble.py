"""
Makes of the files of a training run what a user has: a Hugging Face checkpoint folder and PEFT adapter folders.

    python training/assemble.py RUN_FOLDER OUT_FOLDER [--check ROWS --tokenizer tokenizer.json --data pairs.jsonl.gz]

Writes OUT_FOLDER/base, OUT_FOLDER/adapter-demo and OUT_FOLDER/adapter-demo-b. Needs numpy and safetensors only; --check
(with torch, Transformers and PEFT) scores some validation rows with the folders and compares with the run's figures.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

OTHER = 3
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
EMBEDDING = "model.embed_tokens.weight"


def write_base(run: Path, out: Path) -> None:
    config = json.loads((run / "config.json").read_text())
    stored = load_file(run / "embedding.safetensors")
    # Tokens that the training texts do not have share the vector of rare ones.
    embedding = np.tile(stored["rows"][OTHER], (config["vocab_size"], 1))
    embedding[stored["ids"]] = stored["rows"]
    out.mkdir(parents=True, exist_ok=True)
    tensors = {EMBEDDING: embedding} | load_file(run / "base.safetensors")
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    (out / "config.json").write_text((run / "config.json").read_text())


def write_adapter(run: Path, name: str, out: Path) -> None:
    tensors = load_file(run / f"adapter-{name}.safetensors")
    rank = next(len(value) for key, value in tensors.items() if key.endswith("lora_A.weight"))
    settings = {
        "alpha_pattern": {}, "base_model_name_or_path": None, "bias": "none", "fan_in_fan_out": False,
        "inference_mode": True, "init_lora_weights": True, "layers_pattern": None, "layers_to_transform": None,
        "lora_alpha": 2 * rank, "lora_bias": False, "lora_dropout": 0.0, "modules_to_save": ["score"],
        "peft_type": "LORA", "r": rank, "rank_pattern": {}, "revision": None, "target_modules": TARGETS,
        "task_type": "SEQ_CLS", "use_dora": False, "use_rslora": False,
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, out / "adapter_model.safetensors", metadata={"format": "pt"})
    (out / "adapter_config.json").write_text(json.dumps(settings, indent=2) + "\n")


def check(run: Path, out: Path, rows: int, tokenizer_path: Path, data: Path) -> None:
    import torch
    from peft import PeftModel
    from tokenizers import Tokenizer
    from transformers import AutoModelForSequenceClassification

    from data import load_rows, template

    tokenizer = Tokenizer.from_file(str(tokenizer_path))
    by_key = {row.key: row for row in load_rows(data)}
    expected = json.loads((run / "validation.json").read_text())["rows"][:rows]
    base = AutoModelForSequenceClassification.from_pretrained(
        out / "base", num_labels=3, dtype=torch.float32, attn_implementation="eager"
    )
    model = PeftModel.from_pretrained(base, out / "adapter-demo").eval()
    worst = 0.0
    for row in expected:
        known = by_key[row["key"]]
        text = template(known.prompt, *known.answers)[0]
        ids = [2, *tokenizer.encode(text, add_special_tokens=False).ids[: row["max_length"] - 2], 1]
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([ids])).logits[0]
        p = torch.softmax(logits.double(), dim=-1).tolist()
        worst = max(worst, *(abs(x - y) for x, y in zip(p, row["demo_float32"])))
    print(f"{len(expected)} rows with Transformers and PEFT: largest difference of a probability {worst:.1e}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--check", type=int, default=0)
    parser.add_argument("--tokenizer", type=Path)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    write_base(args.run, args.out / "base")
    for path in sorted(args.run.glob("adapter-*.safetensors")):
        write_adapter(args.run, path.stem.removeprefix("adapter-"), args.out / path.stem)
    if args.check:
        check(args.run, args.out, args.check, args.tokenizer, args.data)
