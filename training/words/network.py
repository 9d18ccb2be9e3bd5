"""The masked-word model: one reader from the left, one from the right, and a block that joins them.

A word is guessed from the state of the left reader just before it and of the right reader just after it
(a "cloze" model, Baevski et al. 2019), so no state has seen the word it stands for. One pass therefore
answers for every word of a window at once, which is what makes an hour on two cores enough: a model
that hides words (Devlin et al. 2019) learns from an eighth of them at a time, and from torn contexts.

Where a word stands enters only as a bias on attention by distance (Raffel et al. 2020), begun as slopes
(Press et al. 2022). To fit four megabytes the word table is narrow and widened by one matrix (Lan et al. 2020).
"""

import torch
import torch.nn.functional as F
from torch import nn

LENGTH, PAD = 64, 0
FAR = -1e4


class Attention(nn.Module):
    """`asking` [N,Q,width] reads `told` [N,K,width] under `bias` (0 or more dimensions before [heads,Q,K])."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.ask, self.tell = nn.Linear(width, width), nn.Linear(width, 2 * width)
        self.write = nn.Linear(width, width)
        nn.init.zeros_(self.write.weight)

    def forward(self, asking: torch.Tensor, told: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        n, length, width = asking.shape
        q = self.ask(asking).view(n, length, self.heads, -1).transpose(1, 2)
        k, v = self.tell(told).view(n, told.shape[1], 2, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(2, 3) * q.shape[3] ** -0.5 + bias, 3)
        return self.write((weights @ v).transpose(1, 2).reshape(n, length, width))


class Block(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x)) with a squared rectifier (So et al. 2021)."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.attention = Attention(width, heads)
        self.inner, self.outer = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        nn.init.zeros_(self.outer.weight)
        # How much each head likes each distance. The first heads look nearby from the start.
        slopes = 2.0 ** torch.linspace(1, -5, heads)
        self.distance = nn.Parameter(-slopes[:, None] * torch.arange(LENGTH)[None])

    def forward(self, x: torch.Tensor, bias: torch.Tensor, told: torch.Tensor | None = None) -> torch.Tensor:
        asking = self.norms[0](x)
        x = x + self.attention(asking, asking if told is None else told, bias)
        return x + self.outer(torch.relu(self.inner(self.norms[1](x))) ** 2)


class Words(nn.Module):
    """Word numbers [N,64] (0 = nothing there) to states [N,64,width]; `logits` guesses words from states."""

    def __init__(self, vocabulary: int, narrow: int = 120, width: int = 128, depth: int = 2, heads: int = 4):
        super().__init__()
        self.table = nn.Embedding(vocabulary, narrow)
        nn.init.normal_(self.table.weight, std=0.2)
        self.widen, self.first = nn.Linear(narrow, width), nn.LayerNorm(width)
        self.left = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.right = nn.ModuleList(Block(width, heads) for _ in range(depth))
        # What stands before the first word and after the last.
        self.nothing = nn.Parameter(torch.zeros(2, width))
        self.ends = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.join, self.top = nn.Linear(2 * width, width), Block(width, heads)
        self.sides = nn.Parameter(self.top.distance.detach().clone())
        self.last, self.narrow, self.read = nn.LayerNorm(width), nn.Linear(width, narrow), nn.LayerNorm(narrow)
        self.often = nn.Parameter(torch.zeros(vocabulary))
        at = torch.arange(LENGTH)
        self.register_buffer("apart", (at.view(1, -1) - at.view(-1, 1)).abs(), persistent=False)
        before = (at.view(1, -1) <= at.view(-1, 1)).float()
        # 0 where the left and the right reader may look, FAR where not: [64,64], query by key.
        self.register_buffer("seen", torch.stack([before, before.T]).sub(1) * -FAR, persistent=False)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """An empty place parts texts: words on its two sides do not see each other."""
        pad = (words == PAD).long()
        # An empty place belongs to the text after it, and to the one before it.
        of_next = pad.cumsum(1)
        of_last = of_next - pad
        same = (of_next[:, :, None] == of_next[:, None, :]) & (pad == 0)[:, None, :]
        hidden = self.masked(same)
        x = self.first(self.widen(self.table(words)))
        some = (1 - pad).to(x.dtype)[:, :, None]
        told = []
        for side, blocks in enumerate((self.left, self.right)):
            y = x
            for block in blocks:
                y = block(y, block.distance[:, self.apart] + self.seen[side] + hidden)
            told.append(self.ends[side](y) * some + self.nothing[side] * (1 - some))
        # Moved by one, so that what stands at a word knows everything up to the word and not the word.
        n = words.shape[0]
        before = torch.cat([self.nothing[0].expand(n, 1, -1), told[0][:, :-1]], 1)
        after = torch.cat([told[1][:, 1:], self.nothing[1].expand(n, 1, -1)], 1)
        left = torch.cat([torch.zeros_like(of_next[:, :1]), of_next[:, :-1]], 1)
        right = torch.cat([of_last[:, 1:], of_last[:, -1:]], 1)
        hidden = (self.masked(of_next[:, :, None] == left[:, None, :]), self.masked(of_last[:, :, None] == right[:, None, :]))
        bias = [d[:, self.apart] + self.seen[s] + hidden[s] for s, d in enumerate((self.top.distance, self.sides))]
        x = self.join(torch.cat([before, after], 2))
        return self.top(x, torch.cat(bias, 3), torch.cat([before, after], 1))

    @staticmethod
    def masked(visible: torch.Tensor) -> torch.Tensor:
        """[N,1,64,64] from [N,64,64]."""
        return (1 - visible.float())[:, None] * FAR

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        read = self.read(self.narrow(self.last(states)))
        return F.linear(read * (4 / read.shape[-1] ** 0.5), self.table.weight, self.often)
