"""Trains the masked-word model: every word is guessed from those around it. No label is needed.

    python training/words/train.py --data training/cache/words.npz --out training/runs/words --minutes 75

Windows of 64 words start anywhere. In a third of them sentences or paragraphs do not see each other, because
people will type one; a few words are blanks, because people leave some. Goes on from its last checkpoint.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent.parent))
from loop import Checkpoints, Processes  # noqa: E402
from words.begin import begin  # noqa: E402
from words.muon import Muon  # noqa: E402
from words.network import LENGTH, PAD, Words  # noqa: E402
from words.text import ENDS, MARKS, SPECIAL  # noqa: E402

BLANK, BREAK = SPECIAL.index("<blank>"), SPECIAL.index("<break>")


class Corpus:
    """A stream of word numbers on a device, and which words end a sentence or are never asked for."""

    def __init__(self, stream: np.ndarray, vocabulary: list[str], device: torch.device):
        self.stream = torch.from_numpy(stream.astype(np.int32)).to(device)
        self.ends = torch.tensor([w in ENDS or w == "<break>" for w in vocabulary], device=device)
        self.marks = torch.tensor([w in SPECIAL or w in MARKS for w in vocabulary], device=device)

    def windows(self, count: int, generator: torch.Generator | None = None) -> torch.Tensor:
        """int64 [count,64] from anywhere."""
        starts = torch.randint(0, len(self.stream) - LENGTH, (count,), generator=generator).to(self.stream.device)
        return self.stream[starts[:, None] + torch.arange(LENGTH, device=starts.device)].long()

    def divide(self, words: torch.Tensor) -> torch.Tensor:
        """In a fifth of the windows sentences, in a tenth more paragraphs are parted by an empty place."""
        dice = torch.rand(len(words), 1, device=words.device)
        parted = torch.where(dice < 0.2, self.ends[words], (words == BREAK) & (dice < 0.3))
        return torch.where(parted, PAD, words)

    def hide(self, words: torch.Tensor) -> torch.Tensor:
        """With up to 15 % blanks, in two thirds of the windows none."""
        share = torch.empty(len(words), 1, device=words.device).uniform_(-0.3, 0.15)
        chosen = (torch.rand(words.shape, device=words.device) < share) & ~self.marks[words]
        return torch.where(chosen, BLANK, words)


@torch.no_grad()
def accuracy(model: Words, corpus: Corpus, windows: int = 600, seed: int = 0) -> dict[str, float]:
    """Top-1 and top-5 over every word of some windows, marks and rare words left out; and the loss."""
    words = corpus.windows(windows, torch.Generator().manual_seed(seed))
    first = best = asked = loss = 0.0
    for part in words.split(100):
        wanted = part[~corpus.marks[part]]
        logits = model.logits(model(part)[~corpus.marks[part]])
        right = logits.topk(5).indices == wanted[:, None]
        first, best = first + float(right[:, 0].sum()), best + float(right.sum())
        asked, loss = asked + len(wanted), loss + float(F.cross_entropy(logits, wanted, reduction="sum"))
    return {"top1": first / asked, "top5": best / asked, "val": loss / asked}


def schedule(done: float) -> float:
    """Of the learning rate: a short way up, a third of the time at the top, a straight way down to nothing."""
    return min(1, done / 0.02) if done < 0.35 else max(0, 1 - (done - 0.35) / 0.65)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", default="training/runs/words")
    parser.add_argument("--minutes", type=float, default=60, help="by the clock, schedule included")
    parser.add_argument("--batch", type=int, default=96, help="windows per step")
    parser.add_argument("--asked", type=float, default=0.6, help="share of the words that is asked for")
    parser.add_argument("--rate", type=float, default=0.02, help="of Muon; Adam's is a tenth of it")
    parser.add_argument("--width", type=int, default=128, help="a multiple of 32")
    parser.add_argument("--steps", type=int, default=0, help="stop early, to measure speed")
    args = parser.parse_args()
    processes = Processes()
    torch.manual_seed(processes.rank)
    archive = np.load(args.data)
    vocabulary = archive["vocabulary"].tolist()
    train, val = (Corpus(archive[split], vocabulary, processes.device) for split in ("train", "val"))
    model = Words(len(vocabulary), width=args.width, heads=args.width // 32)
    matrices = [p for n, p in model.named_parameters() if p.dim() == 2 and n.endswith(".weight") and n != "table.weight"]
    others = [p for p in model.parameters() if all(p is not m for m in matrices)]
    optimizers = [Muon(matrices, args.rate, weight_decay=0.02),
                  torch.optim.Adam(others, args.rate / 10, (0.9, 0.98), fused=True)]
    kept = Checkpoints(args.out, processes.rank == 0, minutes=3)
    parts = {"module": model, "muon": optimizers[0], "adam": optimizers[1]}
    _, step, spent = kept.restore(parts)
    if not step:
        begin(model, archive["train"], train.marks.cpu(), Path(args.data).with_suffix(f".{args.width}.npz"))
    model.to(processes.device)
    began, told, summed, seen = time.time() - spent, time.time(), 0.0, 0
    done = spent / (args.minutes * 60)
    while done < 1 and not (args.steps and step >= args.steps):
        done = min(1, (time.time() - began) / (args.minutes * 60))
        for optimizer, peak in zip(optimizers, (args.rate, args.rate / 10), strict=True):
            for group in optimizer.param_groups:
                group["lr"] = peak * schedule(done)
        words = train.divide(train.windows(args.batch))
        asked = ~train.marks[words] & (torch.rand(words.shape, device=words.device) < args.asked)
        states = model(train.hide(words))
        loss = F.cross_entropy(model.logits(states[asked]), words[asked])
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(others, 1.0)
        for optimizer in optimizers:
            optimizer.step()
        step, summed, seen = step + 1, summed + float(loss.detach()), seen + 1
        kept.save(parts, 0, step, time.time() - began)
        if done >= 1 or time.time() - told > 240 or (args.steps and step % 10 == 0):
            kept.log(step=step, done=done, loss=summed / seen, words_per_s=seen * words.numel() / (time.time() - told),
                     **accuracy(model, val))
            told, summed, seen = time.time(), 0.0, 0
    kept.save(parts, 0, step, time.time() - began, now=True)


if __name__ == "__main__":
    main()
