"""Muon (Jordan et al. 2024): momentum whose steps are made orthogonal, for matrices inside the network."""

import torch


def orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """The nearest matrix with singular values near one, by five steps of a quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters, lr: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                moved = self.state[p].setdefault("moved", torch.zeros_like(p))
                moved.lerp_(p.grad, 1 - group["momentum"])
                step = orthogonal(p.grad.lerp(moved, group["momentum"]))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(step, alpha=-group["lr"] * max(1, p.shape[0] / p.shape[1]) ** 0.5)
