"""Trains the self-supervised twin: no label touches it.

    python training/selfsup.py --data DIR --out training/runs/selfsup

Contrastive learning of two augmented views (SimCLR, Chen et al. 2020) with the decoupled loss of
Yeh et al. 2022, which leaves the positive pair out of the denominator and so learns faster from
small batches. The projection is thrown away afterwards; the average of the weights is what is kept.
"""

import argparse

import torch
import torch.nn.functional as F
from torch import nn

import augment
import data
from loop import limits, run, start
from network import EMBEDDING, Backbone, embed
from supervised import side


class Learner(nn.Module):
    """A backbone and the projection [N,128] the loss is computed on."""

    def __init__(self):
        super().__init__()
        self.backbone = Backbone()
        self.projection = nn.Sequential(
            nn.Linear(EMBEDDING, 1024, bias=False), nn.BatchNorm1d(1024), nn.ReLU(),
            nn.Linear(1024, 128, bias=False), nn.BatchNorm1d(128, affine=False))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.projection(embed(self.backbone(images)))


def view(pixels: torch.Tensor, size: int, smallest: float) -> torch.Tensor:
    images = augment.colour(augment.crop(pixels, size, smallest), 0.5, grey=0.2)
    return images.contiguous(memory_format=torch.channels_last)


def contrast(projected: torch.Tensor, temperature: float) -> torch.Tensor:
    """Decoupled contrastive loss of two views stacked as [2N,D]."""
    z = F.normalize(projected.float(), dim=1)
    n = len(z) // 2
    similar = z @ z.T / temperature
    index = torch.arange(2 * n, device=z.device)
    partner = (index + n) % (2 * n)
    positive = similar[index, partner]
    others = similar.clone()
    others[index, index] = others[index, partner] = -torch.inf
    return (others.logsumexp(1) - positive).mean()


@torch.no_grad()
def neighbours(backbone: Backbone, train: data.Images, val: data.Images, device) -> float:
    """Share of 2,000 validation images whose nearest of 10,000 training images has their label.

    For the log only: labels are looked at, nothing learns from them.
    """
    backbone.eval()

    def embeddings(images, step):
        batches = [images.batch(i, device) for i in torch.arange(0, len(images), step).split(500)]
        parts = [embed(backbone(pixels.float())) for pixels, _ in batches]
        return F.normalize(torch.cat(parts).float(), dim=1), torch.cat([labels for _, labels in batches])

    (x, y), (q, want) = embeddings(train, len(train) // 10000 or 1), embeddings(val, len(val) // 2000 or 1)
    return float((y[(q @ x.T).argmax(1)] == want).float().mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", default="training/runs/selfsup")
    parser.add_argument("--size", type=int, default=64, help="side of the stored pictures")
    parser.add_argument("--smallest", type=int, default=32, help="side of the first views")
    parser.add_argument("--largest", type=int, default=56, help="side of the last views; crops magnify")
    limits(parser, 100)
    parser.add_argument("--batch", type=int, default=256, help="pictures per process and step, two views each")
    parser.add_argument("--rate", type=float, default=0.3, help="peak learning rate for 256 pictures a step")
    parser.add_argument("--decay", type=float, default=1e-4)
    parser.add_argument("--temperature", type=float, default=0.2)
    parser.add_argument("--crop", type=float, default=0.2)
    args = parser.parse_args()

    processes = start(args)
    train, val = (data.load(args.data, split, args.size).to(processes.device) for split in ("train", "val"))

    def loss(model, index, done):
        pixels = train.batch(index, train.pixels.device)[0]
        size = side(done, args.smallest, args.largest)
        views = torch.cat([view(pixels, size, args.crop) for _ in range(2)]).to(processes.device)
        with processes.autocast():
            projected = model(views)
        return contrast(projected, args.temperature)

    run(processes, Learner(), args, len(train), 0.998, loss,
        lambda average: {"neighbour_top1": neighbours(average.backbone, train, val, processes.device)})


if __name__ == "__main__":
    main()
