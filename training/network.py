"""The backbone all three twins share: a small plain residual network for 64-pixel images.

Only 3x3 and 1x1 convolutions, batch normalisation (folded on export), ReLU, addition and one global
average: it quantizes well and runs fast in WebAssembly. Most weights sit where the map is 8x8,
which is where 110 M multiply-adds and 1.6 M parameters run out together.
"""

import torch
from torch import nn

# Per-channel mean and standard deviation of ImageNet's RGB values, in 0..255.
MEAN, STD = (123.7, 116.3, 103.5), (58.4, 57.1, 57.4)
EMBEDDING = 256


def conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)
    )


class Residual(nn.Module):
    """ReLU(x + body(x)); the last normalisation starts at zero, so that training starts shallow."""

    def __init__(self, *body: nn.Module):
        super().__init__()
        self.body = nn.Sequential(*body)
        nn.init.zeros_(body[-1][1].weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.body(x))


def basic(width: int) -> Residual:
    return Residual(conv(width, width), nn.ReLU(), conv(width, width))


def bottleneck(width: int, inner: int) -> Residual:
    return Residual(
        conv(width, inner, 1), nn.ReLU(), conv(inner, inner), nn.ReLU(), conv(inner, width, 1)
    )


class Backbone(nn.Module):
    """[N,3,H,W] RGB in 0..255 to `features` [N,256,H/16,W/16], not negative."""

    width = EMBEDDING

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("scale", 1 / torch.tensor(STD).view(1, 3, 1, 1))
        self.layers = self.build()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def build(self) -> nn.Sequential:
        relu = nn.ReLU
        return nn.Sequential(
            *(conv(3, 24, stride=2), relu(), basic(24)),
            *(conv(24, 64, stride=2), relu(), basic(64), basic(64)),
            *(conv(64, 128, stride=2), relu(), basic(128), basic(128)),
            *(conv(128, EMBEDDING, stride=2), relu(), bottleneck(EMBEDDING, 128), bottleneck(EMBEDDING, 128)),
        )

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.layers((image - self.mean) * self.scale)


class Large(Backbone):
    """Eleven times the multiply-adds (1.2 G), five times the weights: a teacher for the small one, never
    shipped. `features` [N,384,H/8,W/8]."""

    width = 384

    def build(self) -> nn.Sequential:
        relu = nn.ReLU
        return nn.Sequential(
            *(conv(3, 32), relu(), basic(32)),
            *(conv(32, 96, stride=2), relu(), basic(96), basic(96)),
            *(conv(96, 192, stride=2), relu(), basic(192), basic(192)),
            *(conv(192, 384, stride=2), relu(), basic(384), basic(384)),
        )


def folded(backbone: Backbone) -> Backbone:
    """The same layers as an exported file has them: convolutions with a bias, nothing where normalisations were."""
    for module in backbone.modules():
        if isinstance(module, nn.Sequential) and isinstance(module[0], nn.Conv2d):
            module[0].bias = nn.Parameter(torch.zeros(module[0].out_channels))
            module[1] = nn.Identity()
    return backbone


def embed(features: torch.Tensor) -> torch.Tensor:
    return features.mean((2, 3))


def multiply_adds(network: nn.Module, size: int = 64) -> float:
    """Millions of multiply-adds of the convolutions, for one image."""
    total = 0

    def count(module, _, output):
        nonlocal total
        total += module.weight.numel() * output.shape[2] * output.shape[3]

    hooks = [m.register_forward_hook(count) for m in network.modules() if isinstance(m, nn.Conv2d)]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, size, size))
    for hook in hooks:
        hook.remove()
    return total / 1e6
