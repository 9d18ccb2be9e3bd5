"""The masked-word model: a transformer encoder (Vaswani et al. 2017) read as BERT is (Devlin et al. 2019).

To fit four megabytes, the word table is narrow and widened by one matrix, and three blocks are used
twice each (both after ALBERT, Lan et al. 2020). Where a word stands enters only as a bias on attention
by distance (Shaw et al. 2018; Raffel et al. 2020), so a sentence means the same anywhere in the window.
"""

import torch
import torch.nn.functional as F
from torch import nn

LENGTH, PAD = 64, 0


class Block(nn.Module):
    """x + attention(norm(x)), then x + feed-forward(norm(x)). [N,64,width]."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList([nn.LayerNorm(width), nn.LayerNorm(width)])
        self.reading, self.writing = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.inner, self.outer = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        n, length, width = x.shape
        q, k, v = self.reading(self.norms[0](x)).view(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=bias.to(q.dtype))
        x = x + self.writing(seen.transpose(1, 2).reshape(n, length, width))
        return x + self.outer(torch.relu(self.inner(self.norms[1](x))))


class Words(nn.Module):
    """Word numbers [N,64] (0 = nothing there) to states [N,64,narrow]; `logits` reads words from states."""

    def __init__(self, vocabulary: int, narrow: int = 120, width: int = 256, blocks: int = 3, rounds: int = 2, heads: int = 8):
        super().__init__()
        self.rounds = rounds
        self.table = nn.Embedding(vocabulary, narrow)
        nn.init.normal_(self.table.weight, std=0.05)
        self.widen, self.narrow = nn.Linear(narrow, width), nn.Linear(width, narrow)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
        self.last, self.read = nn.LayerNorm(width), nn.LayerNorm(narrow)
        # How much each head likes each distance, a value per head and distance -63..63.
        self.distance = nn.Parameter(torch.zeros(heads, 2 * LENGTH - 1))
        self.often = nn.Parameter(torch.zeros(vocabulary))
        at = torch.arange(LENGTH)
        self.register_buffer("apart", at.view(1, -1) - at.view(-1, 1) + LENGTH - 1, persistent=False)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        hidden = (words == PAD)[:, None, None, :] * -1e4
        bias = self.distance[:, self.apart][None] + hidden
        x = self.widen(self.table(words))
        for _ in range(self.rounds):
            for block in self.blocks:
                x = block(x, bias)
        return self.read(F.relu(self.narrow(self.last(x))))

    def logits(self, states: torch.Tensor) -> torch.Tensor:
        return states @ self.table.weight.T * self.table.weight.shape[1] ** -0.5 * 4 + self.often
