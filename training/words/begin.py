"""Where training begins: not from dice but from counts, which a minute of two cores can make of all the text.

The word table is factorised mutual information (`vectors.table`), and what the words right before and after speak
for is solved by least squares (`vectors.beside`), so the model begins as a two-sided pair of bigrams and training
spends its time on the rest.
"""

from pathlib import Path

import numpy as np
import torch

from words.network import Words
from words.vectors import beside, table


@torch.no_grad()
def begin(model: Words, stream: np.ndarray, marks: torch.Tensor, cache: Path) -> None:
    """Sets the model's numbers; `marks`: words that are never asked for. Counts are kept in `cache`."""
    size, narrow = model.table.weight.shape
    width = len(model.first.weight)
    if not cache.exists():
        vectors = table(stream, size, narrow)
        np.savez(cache, table=vectors, **dict(zip(("left", "right"), beside(stream, vectors, seen(model, vectors)))))
    counted = np.load(cache)
    seen(model, counted["table"])
    sides = [torch.from_numpy(counted[side]) for side in ("left", "right")]
    model.join.weight.zero_()
    model.join.bias.zero_()
    model.join.weight[:narrow, :width], model.join.weight[:narrow, width:] = sides[0].T, sides[1].T
    model.narrow.weight.copy_(torch.eye(narrow, width))
    model.narrow.bias.zero_()
    counts = torch.from_numpy(np.bincount(stream, minlength=size)).float() + 1
    model.often.copy_((counts / counts.sum()).log() + 8)
    model.often[marks] = -8
    # The norms forget how large a vector was: on average the reading gets the size that was solved for.
    text = torch.from_numpy(stream[:200000].astype(np.int64))
    alone = model.first(model.widen(model.table(text)))
    spoken = alone[:-2] @ sides[0] + alone[2:] @ sides[1]
    scale = spoken.std(1).mean()
    model.join.weight /= scale
    # (2.5: log probabilities are clipped at those of chance, which makes the solution too small.)
    model.read.weight.fill_(2.5 * float(scale) * narrow**0.5 / 4)


def seen(model: Words, vectors: np.ndarray) -> np.ndarray:
    """Puts the table into the model; what the model makes of each word by itself, [size,width]."""
    with torch.no_grad():
        model.table.weight.copy_(torch.from_numpy(vectors))
        model.widen.weight.copy_(torch.eye(*model.widen.weight.shape))
        model.widen.bias.zero_()
        return model.first(model.widen(model.table.weight)).numpy()
