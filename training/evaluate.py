"""Measures the shipped files, in onnxruntime, and prints `name value unit` lines.

    python training/evaluate.py --data TINY_IMAGENET --few FOLDER_OR_ZIP_OF_CIFAR10 [--random random.onnx]

* `backbone.supervised.top1`: the classification layer kept in training/classifiers/, validation images.
* `probe_top1`: softmax regression on the frozen embeddings of all training images.
* `backbone.cifar10_10shot`: ten images a class, a head only, mean of five draws, the rest tests.
* `backbone.int8_top1_drop_pp`: onnxruntime's static quantizer, QDQ, per-channel, 200 training images.
"""

import argparse
import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from PIL import Image

import data
from network import Backbone, multiply_adds

MODELS = Path(__file__).parent.parent / "assets" / "models"
CLASSIFIER = Path(__file__).parent / "classifiers" / "supervised.npz"


def session(file) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])


def run(model: onnxruntime.InferenceSession, pixels, output: str, batch: int = 200) -> np.ndarray:
    """One output for uint8 [N,3,64,64]."""
    parts = (np.asarray(pixels[at : at + batch], np.float32) for at in range(0, len(pixels), batch))
    return np.concatenate([model.run([output], {"image": part})[0] for part in parts])


def fit(x: torch.Tensor, y: torch.Tensor, classes: int, decay: float) -> torch.Tensor:
    """Softmax regression by L-BFGS: weights [D+1, classes] that minimise mean cross-entropy + decay/2 |w|^2."""
    w = torch.zeros(x.shape[1] + 1, classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([w], max_iter=200, history_size=10, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(x @ w[:-1] + w[-1], y) + decay / 2 * (w[:-1] ** 2).sum()
        value.backward()
        return value

    optimizer.step(loss)
    return w.detach()


def accuracy(w: torch.Tensor, x: torch.Tensor, y: torch.Tensor) -> float:
    return float(((x @ w[:-1] + w[-1]).argmax(1) == y).float().mean()) * 100


def probe(file, train: data.Images, val: data.Images) -> float:
    model = session(file)
    x = torch.from_numpy(run(model, train.pixels, "embedding"))
    mean, std = x.mean(0), x.std(0) + 1e-6
    w = fit((x - mean) / std, train.labels, int(train.labels.max()) + 1, 1e-4)
    return accuracy(w, (torch.from_numpy(run(model, val.pixels, "embedding")) - mean) / std, val.labels)


def few(file, path: Path, shots: int = 10, draws: int = 5) -> list[float]:
    with zipfile.ZipFile(path) as archive:
        names = [n for n in archive.namelist() if not n.endswith("/")]
        classes = sorted({Path(n).parent.name for n in names})
        pixels = np.stack([np.asarray(data.square(Image.open(io.BytesIO(archive.read(n))), 64)) for n in names])
    labels = torch.tensor([classes.index(Path(n).parent.name) for n in names])
    x = torch.from_numpy(run(session(file), pixels.transpose(0, 3, 1, 2), "embedding"))
    results = []
    for draw in range(draws):
        order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(draw))
        chosen = torch.cat([order[labels[order] == c][:shots] for c in range(len(classes))])
        rest = torch.ones(len(labels), dtype=torch.bool)
        rest[chosen] = False
        mean, std = x[chosen].mean(0), x[chosen].std(0)
        scale = (std**2 * 0.9 + (std**2).mean() * 0.1).sqrt()
        z = (x - mean) / scale
        results.append(accuracy(fit(z[chosen], labels[chosen], len(classes), 0.3), z[rest], labels[rest]))
    return results


def with_classifier(file: Path) -> onnx.ModelProto:
    model, layer = onnx.load(file), np.load(CLASSIFIER)
    graph = model.graph
    for name in ("weight", "bias"):
        graph.initializer.append(numpy_helper.from_array(layer[name].astype(np.float32), f"classifier.{name}"))
    graph.node.append(helper.make_node("Gemm", ["embedding", "classifier.weight", "classifier.bias"], ["logits"], transB=1))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["N", len(layer["bias"])]))
    return model


def expand(model: onnx.ModelProto) -> onnx.ModelProto:
    """Half-precision weights behind Cast become float32 initializers, which quantizers look for."""
    graph = model.graph
    halves = {t.name: t for t in graph.initializer if t.data_type == onnx.TensorProto.FLOAT16}
    for node in [n for n in graph.node if n.op_type == "Cast" and n.input[0] in halves]:
        values = numpy_helper.to_array(halves[node.input[0]]).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        graph.initializer.remove(halves[node.input[0]])
        graph.node.remove(node)
    return model


class Calibration(CalibrationDataReader):
    def __init__(self, pixels):
        self.rest = iter(np.asarray(pixels, np.float32)[:, None])

    def get_next(self):
        image = next(self.rest, None)
        return None if image is None else {"image": image}


def top1(model: onnxruntime.InferenceSession, val: data.Images) -> float:
    return float((run(model, val.pixels, "logits").argmax(1) == val.labels.numpy()).mean()) * 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--few", type=Path)
    parser.add_argument("--random", type=Path, help="the random twin as a file (cargo run --example oracle)")
    parser.add_argument("--supervised", type=Path, default=MODELS / "backbone-supervised.onnx")
    parser.add_argument("--selfsup", type=Path, default=MODELS / "backbone-selfsup.onnx")
    args = parser.parse_args()
    train, val = data.load(args.data, "train"), data.load(args.data, "val")

    print(f"backbone.mmac {multiply_adds(Backbone()):.1f} MMAC")
    print(f"backbone.shipped_mb {args.supervised.stat().st_size / 1e6:.2f} MB", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder, "float.onnx"), Path(folder, "int8.onnx")
        onnx.save(expand(with_classifier(args.supervised)), whole)
        chosen = np.random.default_rng(0).choice(len(train), 200, replace=False)
        quantize_static(whole, small, Calibration(train.pixels[np.sort(chosen)]), quant_format=QuantFormat.QDQ,
                        per_channel=True, activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8)
        exact, coarse = top1(session(whole), val), top1(session(small), val)
    print(f"backbone.supervised.top1 {exact:.2f} %")
    print(f"backbone.int8_top1_drop_pp {exact - coarse:.2f} pp", flush=True)
    if args.few:
        draws = few(args.supervised, args.few)
        print(f"backbone.cifar10_10shot {np.mean(draws):.1f} %", flush=True)
        print(f"# draws: {', '.join(f'{d:.1f}' for d in draws)}")
    for name in ("selfsup", "random"):
        file = getattr(args, name)
        if file and file.exists():
            print(f"backbone.{name}.probe_top1 {probe(file, train, val):.2f} %", flush=True)


if __name__ == "__main__":
    main()
