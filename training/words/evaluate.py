"""Every figure about the masked-word model in the model card, measured on the shipped file.

    python training/words/evaluate.py --text ../shared/data/text

Each word of the held-out text is hidden in turn in a window of 64 words, at least 8 from its ends; marks and words
outside the vocabulary are not asked for, and never guessed. The baselines see the same words: the unigram always
says the most frequent ones; the trigram has counted the training text and knows the word on either side,
P(w | l, r) = c(l,w,r) / c(l,.,r), mixed with P(w | l) P(r | w) the less often the pair was seen.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

sys.path.insert(0, str(Path(__file__).parent.parent))
from words.text import MARKS, SPECIAL, lines, stream, words  # noqa: E402

LENGTH, MARGIN = 64, 8


def model(path: str, text: np.ndarray, asked: np.ndarray) -> tuple[float, float, int]:
    """Top-1, top-5, and how many words."""
    # Its optimiser would replace int8 matrices by approximate integer arithmetic, which the engine does not do.
    plain = onnxruntime.SessionOptions()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, plain, providers=["CPUExecutionProvider"])
    first = best = count = 0
    for start in range(0, len(text) - LENGTH, LENGTH - 2 * MARGIN):
        window = text[start : start + LENGTH].astype(np.int64)
        wanted = window[MARGIN:-MARGIN]
        keep = asked[wanted]
        # A word's logits do not depend on the word, which tests/differential checks: one pass hides each in turn.
        logits = session.run(["logits"], {"words": window[None]})[0][0, MARGIN:-MARGIN][keep]
        logits[:, ~asked] = -np.inf
        own = logits[np.arange(len(logits)), wanted[keep]]
        rank = (logits > own[:, None]).sum(1)
        first, best, count = first + int((rank == 0).sum()), best + int((rank < 5).sum()), count + len(rank)
    return first / count, best / count, count


def unigram(train: np.ndarray, val: np.ndarray, asked: np.ndarray) -> tuple[float, float]:
    counts = np.bincount(train, minlength=len(asked)) * asked
    order = np.argsort(-counts)[:5]
    wanted = val[asked[val]]
    return float((wanted == order[0]).mean()), float(np.isin(wanted, order).mean())


def trigram(train: np.ndarray, val: np.ndarray, asked: np.ndarray, sample: int) -> tuple[float, float]:
    size = len(asked)
    places = np.arange(1, len(val) - 1)
    places = places[asked[val[places]]]
    places = np.random.default_rng(0).choice(places, min(sample, len(places)), replace=False)
    train = train.astype(np.int64)
    single = np.bincount(train, minlength=size).astype(np.float32)
    pairs = np.bincount(train[:-1] * size + train[1:], minlength=size * size).astype(np.float32).reshape(size, size)
    # The middles of the pairs that are asked about, sorted by pair.
    key = train[:-2] * size + train[2:]
    keep = np.isin(key, np.unique(val[places - 1].astype(np.int64) * size + val[places + 1]))
    key, middle = key[keep], train[1:-1][keep]
    order = np.argsort(key, kind="stable")
    key, middle = key[order], middle[order]
    first = best = 0
    for at in places:
        left, word, right = int(val[at - 1]), int(val[at]), int(val[at + 1])
        begin, end = np.searchsorted(key, [left * size + right, left * size + right + 1])
        seen = np.bincount(middle[begin:end], minlength=size).astype(np.float32)
        back = (pairs[left] + 0.01) * (pairs[:, right] + 0.01) / (single + 1)
        weight = len(middle[begin:end]) / (len(middle[begin:end]) + 5)
        guess = (weight * seen / max(seen.sum(), 1) + (1 - weight) * back / back.sum()) * asked
        rank = int((guess > guess[word]).sum())
        first, best = first + (rank == 0), best + (rank < 5)
    return first / len(places), best / len(places)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="folder of classic-books-{train,val}.txt.gz")
    parser.add_argument("--model", default="assets/models/words.onnx")
    parser.add_argument("--sample", type=int, default=20000, help="words the trigram is asked about; 0: none")
    args = parser.parse_args()
    vocabulary = next(p.value for p in onnx.load(args.model).metadata_props if p.key == "words").split("\n")
    known = {word: i for i, word in enumerate(vocabulary)}
    train, val = (stream([words(line) for line in lines(args.text / f"classic-books-{split}.txt.gz")], known)
                  for split in ("train", "val"))
    asked = np.array([w not in SPECIAL and w not in MARKS for w in vocabulary])
    top1, top5, count = model(args.model, val, asked)
    print(f"words.top1 {top1 * 100:.1f} %\nwords.top5 {top5 * 100:.1f} %\nwords.asked {count} words")
    print(f"words.shipped_mb {Path(args.model).stat().st_size / 1e6:.2f} MB", flush=True)
    one, five = unigram(train, val, asked)
    print(f"words.unigram_top1 {one * 100:.1f} %\nwords.unigram_top5 {five * 100:.1f} %", flush=True)
    if args.sample:
        one, five = trigram(train, val, asked, args.sample)
        print(f"words.trigram_top1 {one * 100:.1f} %\nwords.trigram_top5 {five * 100:.1f} %")


if __name__ == "__main__":
    main()
