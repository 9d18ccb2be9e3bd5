"""Trains the masked-word model: words are hidden and guessed from those around them. No label is needed.

    python training/words/train.py --data training/cache/words.npz --out training/runs/words

Windows of 64 words start anywhere; in a third of them only one sentence is kept, because people will type
one; in each, 2 to 25 % of the words are blanks, because people leave one or a few.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.insert(0, str(Path(__file__).parent.parent))
from loop import Processes, adamw, limits, run  # noqa: E402
from words.network import LENGTH, PAD, Words  # noqa: E402
from words.text import ENDS, MARKS, SPECIAL  # noqa: E402

BLANK = SPECIAL.index("<blank>")


class Corpus:
    """A stream of word numbers on a device, and which words end a sentence or may be asked for."""

    def __init__(self, stream: np.ndarray, vocabulary: list[str], device: torch.device):
        self.stream = torch.from_numpy(stream.astype(np.int32)).to(device)
        self.ends = torch.tensor([w in ENDS or w == "<break>" for w in vocabulary], device=device)
        self.marks = torch.tensor([w in SPECIAL or w in MARKS for w in vocabulary], device=device)

    def windows(self, starts: torch.Tensor) -> torch.Tensor:
        """int64 [N,64] from each start."""
        return self.stream[starts[:, None] + torch.arange(LENGTH, device=starts.device)].long()

    def sentence(self, words: torch.Tensor) -> torch.Tensor:
        """Only the second sentence of each window; the whole window where there is none whole."""
        ends = self.ends[words]
        before = ends.cumsum(1) - ends.long()
        kept = before == 1
        whole = (ends & kept).any(1, keepdim=True) & (kept.sum(1, keepdim=True) >= 4)
        return torch.where(kept | ~whole, words, PAD)

    def hide(self, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """With blanks, and where they are. Unknown words are never asked for."""
        share = torch.empty(len(words), 1, device=words.device).uniform_(0.02, 0.25)
        chosen = (torch.rand(words.shape, device=words.device) < share) & (words >= len(SPECIAL))
        return torch.where(chosen, BLANK, words), chosen


@torch.no_grad()
def accuracy(model: Words, corpus: Corpus, count: int = 20000, seed: int = 0) -> dict[str, float]:
    """Top-1 and top-5 for one blank a window: a word of the vocabulary, no mark and no rare word."""
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    device = corpus.stream.device
    starts = torch.randint(0, len(corpus.stream) - LENGTH, (count,), generator=generator).to(device)
    dice = torch.rand(count, LENGTH, generator=generator).to(device)
    first = best = asked = 0
    for at in range(0, count, 1000):
        words = corpus.windows(starts[at : at + 1000])
        where = (dice[at : at + 1000] * ~corpus.marks[words]).argmax(1)
        rows = torch.arange(len(words), device=device)
        wanted = words[rows, where]
        words[rows, where] = BLANK
        guesses = model.logits(model(words)[rows, where]).float().topk(5).indices == wanted[:, None]
        valid = ~corpus.marks[wanted]
        first += int(guesses[valid, 0].sum())
        best += int(guesses[valid].sum())
        asked += int(valid.sum())
    return {"top1": first / asked, "top5": best / asked}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", default="training/runs/words")
    limits(parser, 20)
    parser.add_argument("--batch", type=int, default=256, help="windows per step")
    parser.add_argument("--rate", type=float, help="peak for 256 windows a step", default=1e-3)
    parser.add_argument("--decay", type=float, default=0.01)
    args = parser.parse_args()
    processes = Processes()
    torch.manual_seed(processes.rank)
    archive = np.load(args.data)
    vocabulary = archive["vocabulary"].tolist()
    train, val = (Corpus(archive[split], vocabulary, processes.device) for split in ("train", "val"))
    # One epoch is one pass; every pass begins its windows elsewhere.
    total = len(train.stream) // LENGTH - 1

    class Guesser(Words):
        """The model with its loss in forward, so that several processes can share the work."""

        def forward(self, words, chosen=None, wanted=None):
            states = super().forward(words)
            return states if chosen is None else F.cross_entropy(self.logits(states[chosen]).float(), wanted)

    def loss(model, index, done):
        shift = torch.randint(0, LENGTH, (len(index),), device=index.device)
        words = train.windows(index * LENGTH + shift)
        alone = torch.rand(len(words), 1, device=words.device) < 1 / 3
        words = torch.where(alone, train.sentence(words), words)
        asked, chosen = train.hide(words)
        with processes.autocast():
            return model(asked, chosen, words[chosen])

    run(processes, Guesser(len(vocabulary)), args, total, 0.999, loss,
        lambda average: accuracy(average, val), optimizer=adamw)


if __name__ == "__main__":
    main()
