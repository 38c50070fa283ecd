"""Runs the standard ONNX files of model packages with Python's onnxruntime on the CPU and compares with Tiebreak.

    python bench/onnxruntime_check.py TOKENS.json PACKAGE [PACKAGE ...]

TOKENS.json is a JSON array of rows of token ids, or the expected.json of a reference model. model.onnx (where the base
has a score head) and every model_ADAPTER.onnx run as they are, with padded rows and a mask as any user of ONNX Runtime
would give them; Tiebreak's logits come from `npm run logits` on its CPU backend. Prints the largest difference of each
and exits with 1 when one is over 2e-3. Needs the packages onnxruntime and numpy.
"""

import datetime
import json
import pathlib
import platform
import subprocess
import sys
import tempfile

import numpy
import onnxruntime

TOLERANCE = 2e-3
ROOT = pathlib.Path(__file__).resolve().parent.parent


def read_rows(path):
    value = json.loads(pathlib.Path(path).read_text())
    return value["input_ids"] if isinstance(value, dict) else value


def stock_logits(model, rows):
    length = max(len(row) for row in rows)
    ids = numpy.zeros((len(rows), length), numpy.int64)
    mask = numpy.zeros_like(ids)
    for r, row in enumerate(rows):
        ids[r, : len(row)] = row
        mask[r, : len(row)] = 1
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]


def our_logits(package, adapter, rows):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as tokens:
        json.dump(rows, tokens)
        tokens.flush()
        command = ["npm", "run", "-s", "logits", "--", "--model", str(package.resolve())]
        command += ["--tokens", tokens.name, "--adapter", adapter, "--device", "wasm"]
        answer = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return numpy.array(json.loads(answer.stdout)["logits"])


def compare(package, rows):
    """Largest difference of each ONNX file of a package."""
    manifest = json.loads((package / "tiebreak.json").read_text())
    files = {"none": package / "model.onnx"}
    files |= {a["name"]: package / f"model_{a['name']}.onnx" for a in manifest["adapters"]}
    for adapter, file in files.items():
        if not file.exists():
            continue  # A causal model's checkpoint has no score head, so without an adapter there is nothing to run.
        ours = our_logits(package, adapter, rows)
        difference = numpy.abs(stock_logits(file, rows) - ours).max()
        print(
            f"{package.name} {file.name} ({manifest['quantization']}, embedding {manifest['embedding']}):"
            f" largest difference {difference:.1e}, logits up to {numpy.abs(ours).max():.1f}",
            flush=True,
        )
        yield difference


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    rows = read_rows(sys.argv[1])
    print(
        f"{datetime.date.today()}, Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}, "
        f"{len(rows)} rows of up to {max(map(len, rows))} tokens"
    )
    packages = map(pathlib.Path, sys.argv[2:])
    differences = [d for package in packages for d in compare(package, rows)]
    # NaN compares false with everything, and must not pass.
    sys.exit(0 if differences and all(d <= TOLERANCE for d in differences) else 1)


main()
