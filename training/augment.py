"""Batched augmentation on whole tensors, where they lie: one process keeps the cores, or a GPU, busy.

Noise, blur, weather and compression are left out on purpose: the Shift bench simulates them, and a
backbone trained on them would make its lesson a lie.
"""

import math

import torch
import torch.nn.functional as F

GREY = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def crop(pixels: torch.Tensor, size: int, smallest: float) -> torch.Tensor:
    """Random resized crop and horizontal flip. uint8 [N,3,H,W] to float [N,3,size,size], 0..255.

    The crop covers `smallest`..1 of the area at an aspect ratio of 3/4..4/3.
    """
    n, device = len(pixels), pixels.device

    def uniform(low: float, high: float):
        return torch.empty(n, device=device).uniform_(low, high)

    area = uniform(smallest, 1)
    ratio = uniform(math.log(3 / 4), math.log(4 / 3)).exp()
    width, height = (area * ratio).sqrt().clamp(max=1), (area / ratio).sqrt().clamp(max=1)
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    theta = torch.zeros(n, 2, 3, device=device)
    theta[:, 0, 0], theta[:, 0, 2] = width * flip, (1 - width) * uniform(-1, 1)
    theta[:, 1, 1], theta[:, 1, 2] = height, (1 - height) * uniform(-1, 1)
    grid = F.affine_grid(theta, [n, 3, size, size], align_corners=False)
    source = pixels.float()
    # Halving the picture without averaging first would alias.
    if size * 2 <= pixels.shape[-1] * smallest**0.5:
        source = F.avg_pool2d(source, 2)
    return F.grid_sample(source, grid, "bilinear", "reflection", align_corners=False)


def colour(images: torch.Tensor, strength: float, grey: float = 0.0) -> torch.Tensor:
    """Brightness, contrast, saturation by factors in 1 -/+ `strength`, tint by half of it; `grey` of
    the pictures lose their colour."""

    def factor(amount: float, channels: int = 1):
        return torch.empty(len(images), channels, 1, 1, device=images.device).uniform_(1 - amount, 1 + amount)

    weights = GREY.to(images.device)
    luma = (images * weights).sum(1, keepdim=True)
    images = luma + (images - luma) * factor(strength)
    mean = luma.mean((2, 3), keepdim=True)
    images = (mean + (images - mean) * factor(strength)) * factor(strength) * factor(strength / 2, 3)
    if grey:
        chosen = torch.rand(len(images), 1, 1, 1, device=images.device) < grey
        images = torch.where(chosen, (images * weights).sum(1, keepdim=True), images)
    return images.clamp(0, 255)


def box(share: float, height: int, width: int) -> tuple[slice, slice]:
    """A rectangle of about `share` of the area, anywhere."""
    h, w = int(height * share**0.5), int(width * share**0.5)
    y, x = int(torch.randint(0, height - h + 1, ())), int(torch.randint(0, width - w + 1, ()))
    return slice(y, y + h), slice(x, x + w)


def erase(images: torch.Tensor, probability: float) -> torch.Tensor:
    """Random erasing (Zhong et al. 2020): a box of 2..20 % becomes a flat random colour."""
    (n, _, height, width), device = images.shape, images.device

    def uniform(low: float = 0, high: float = 1):
        return torch.empty(n, 1, 1, 1, device=device).uniform_(low, high)

    share = uniform(0.02, 0.2).sqrt()
    top, left = uniform() * (1 - share) * height, uniform() * (1 - share) * width
    y, x = torch.arange(height, device=device).view(-1, 1), torch.arange(width, device=device)
    inside = (y >= top) & (y < top + share * height) & (x >= left) & (x < left + share * width)
    return torch.where(inside & (uniform() < probability), torch.rand(n, 3, 1, 1, device=device) * 255, images)


def cutmix(images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, float]:
    """CutMix (Yun et al. 2019): the mixed pictures, whose partner, and the share that is one's own."""
    partner = torch.randperm(len(images), device=images.device)
    rows, columns = box(float(torch.empty(()).uniform_(0.05, 0.5)), *images.shape[2:])
    mixed = images.clone()
    mixed[:, :, rows, columns] = images[partner][:, :, rows, columns]
    pasted = (rows.stop - rows.start) * (columns.stop - columns.start) / (images.shape[2] * images.shape[3])
    return mixed, partner, 1 - pasted
