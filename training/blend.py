"""Averages the weights of the shipped file and of checkpoints that went on from it.

    python training/blend.py --kept 0.25 --out training/runs/blend/checkpoint.pt training/runs/refined*/checkpoint.pt

Wortsman et al. 2022 (model soups; WiSE-FT): weights refined from the same ones can be averaged, with each other and
with what they began from, and are better than each. `kept` is the share of the shipped file, the checkpoints share the
rest equally.
"""

import argparse
from pathlib import Path

import torch

from refine import ASSETS, CLASSIFIERS, begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--kept", type=float, default=0.25)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--backbone", type=Path, default=ASSETS / "backbone-supervised.onnx")
    parser.add_argument("--classifier", type=Path, default=CLASSIFIERS / "supervised.npz")
    args = parser.parse_args()
    shipped = begin(args.backbone, args.classifier).state_dict()
    refined = [torch.load(file, map_location="cpu", weights_only=True)["average"] for file in args.checkpoints]
    mean = {name: sum(weights[name] for weights in refined) / len(refined) for name in shipped}
    blend = {name: args.kept * shipped[name] + (1 - args.kept) * mean[name] for name in shipped}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"average": blend}, args.out)


if __name__ == "__main__":
    main()
