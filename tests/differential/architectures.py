"""Small networks of many shapes, random but sensible weights, made with onnx.helper alone."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


class Builder:
    """Nodes and weights one after the other; `x` is the tensor reached so far."""

    def __init__(self, shape, seed=0):
        self.shape, self.random = shape, np.random.default_rng(seed)
        self.nodes, self.weights, self.x, self.count = [], [], "image", 0

    def constant(self, values, kind=np.float32):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def op(self, kind, *inputs, **attributes):
        self.count += 1
        self.x = f"{kind.lower()}{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [self.x], name=f"{kind}.{self.count}", **attributes))
        return self.x

    def he(self, *shape):
        return self.constant(self.random.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape))

    def same_pad(self, pads):
        """Zeros around the picture, the pads computed by nodes, as PyTorch exports TensorFlow's "same"."""
        ints = lambda values: self.constant(values, np.int64)
        zeros = self.op("ConstantOfShape", ints([4]), value=helper.make_tensor("value", TensorProto.INT64, [1], [0]))
        pairs = self.op("Reshape", self.op("Concat", ints(pads), zeros, axis=0), ints([-1, 2]))
        backwards = self.op("Slice", pairs, ints([-1]), ints([-(2**63) + 1]), ints([0]), ints([-1]))
        flat = self.op("Reshape", self.op("Transpose", backwards, perm=[1, 0]), ints([-1]))
        return self.op("Cast", flat, to=TensorProto.INT64)

    def conv(self, out, of, kernel=3, stride=1, group=1, x=None, norm=False, act=None, same=False):
        pad = kernel // 2
        if same and stride == 2:
            x = self.op("Pad", x or self.x, self.same_pad([0, 1, 0, 1]), mode="constant")
            pad = 0
        inputs = [x or self.x, self.he(out, of // group, kernel, kernel)]
        if not norm:
            inputs.append(self.constant(self.random.normal(0, 0.05, out)))
        self.op("Conv", *inputs, kernel_shape=[kernel] * 2, pads=[pad] * 4, strides=[stride] * 2, group=group)
        if norm:
            draw = self.random
            stats = [draw.uniform(0.5, 1.5, out), draw.normal(0, 0.1, out), draw.normal(0, 0.2, out), draw.uniform(0.5, 2, out)]
            self.op("BatchNormalization", self.x, *map(self.constant, stats))
        if act == "relu6":
            self.op("Clip", self.x, self.constant(0.0), self.constant(6.0))
        elif act == "relu":
            self.op("Relu", self.x)
        return self.x

    def head(self, width, classes=10):
        self.op("GlobalAveragePool", self.x)
        self.op("Flatten", self.x, axis=1)
        self.gemm(width, classes)

    def gemm(self, width, out, transposed=True):
        shape = (out, width) if transposed else (width, out)
        weights = self.constant(self.random.normal(0, np.sqrt(2 / width), shape))
        self.op("Gemm", self.x, weights, self.constant(self.random.normal(0, 0.1, out)), transB=int(transposed))

    def linear(self, x, width, out):
        product = self.op("MatMul", x, self.constant(self.random.normal(0, np.sqrt(1 / width), (width, out))))
        return self.op("Add", product, self.constant(self.random.normal(0, 0.02, out)))

    def model(self, classes=10, opset=17):
        given = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", *self.shape])
        made = helper.make_tensor_value_info(self.x, TensorProto.FLOAT, ["N", classes])
        graph = helper.make_graph(self.nodes, "small", [given], [made], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
        onnx.checker.check_model(model, full_check=True)
        return model


def resnet(seed=1):
    b = Builder((3, 32, 32), seed)
    b.conv(16, 3, norm=True, act="relu")
    of = 16
    for out, stride in [(16, 1), (32, 2), (64, 2)]:
        start = b.x
        b.conv(out, of, stride=stride, norm=True, act="relu")
        main = b.conv(out, out, norm=True)
        side = start if of == out else b.conv(out, of, kernel=1, stride=stride, x=start, norm=True)
        b.op("Relu", b.op("Add", main, side))
        of = out
    b.head(64)
    return b.model()


def mobilenet(seed=2, same=False):
    """With `same`, padded as TensorFlow does it, by nodes of its own."""
    b = Builder((3, 32, 32), seed)
    b.conv(16, 3, stride=2, norm=True, act="relu6", same=same)
    of = 16
    for out, stride in [(32, 1), (64, 2), (64, 1), (128, 2)]:
        b.conv(of, of, stride=stride, group=of, norm=True, act="relu6", same=same)
        b.conv(out, of, kernel=1, norm=True, act="relu6")
        of = out
    b.head(128)
    return b.model()


def inception(seed=3):
    b = Builder((3, 32, 32), seed)
    b.conv(16, 3, act="relu")
    b.op("MaxPool", b.x, kernel_shape=[2, 2], strides=[2, 2])
    of = 16
    for _ in range(2):
        start = b.x
        branches = [b.conv(16, of, kernel=k, x=start, act="relu") for k in (1, 3, 5)]
        pooled = b.op("AveragePool", start, kernel_shape=[3, 3], pads=[1] * 4, strides=[1, 1])
        branches.append(b.conv(16, of, kernel=1, x=pooled, act="relu"))
        b.op("Concat", *branches, axis=1)
        of = 64
    b.head(64)
    return b.model()


def grouped(seed=4):
    b = Builder((3, 32, 32), seed)
    b.conv(32, 3, stride=2, act="relu")
    for _ in range(3):
        start = b.x
        b.conv(32, 32, kernel=1, act="relu")
        b.conv(32, 32, group=4, act="relu")
        b.op("Relu", b.op("Add", b.conv(32, 32, kernel=1), start))
    b.head(32)
    return b.model()


def gemm_only(seed=5):
    b = Builder((1, 12, 12), seed)
    b.op("Flatten", b.x, axis=1)
    width = 144
    for out, transposed in [(128, True), (64, False), (10, True)]:
        b.gemm(width, out, transposed)
        if out != 10:
            b.op("Relu", b.x)
        width = out
    return b.model()


def transformer(seed=6, tokens=16, width=32, heads=2):
    b = Builder((tokens, 24), seed)
    x = b.linear("image", 24, width)
    x = b.op("Add", x, b.constant(b.random.normal(0, 0.1, (1, tokens, width))))
    for _ in range(2):
        norm = lambda t: b.op("LayerNormalization", t, b.constant(np.ones(width)), b.constant(np.zeros(width)), axis=-1)
        each = b.constant([0, 0, heads, width // heads], np.int64)
        split = lambda t, perm: b.op("Transpose", b.op("Reshape", t, each), perm=perm)
        y = norm(x)
        q, k, v = (b.linear(y, width, width) for _ in range(3))
        q, k, v = split(q, [0, 2, 1, 3]), split(k, [0, 2, 3, 1]), split(v, [0, 2, 1, 3])
        scores = b.op("Mul", b.op("MatMul", q, k), b.constant((width / heads) ** -0.5))
        mixed = b.op("MatMul", b.op("Softmax", scores, axis=-1), v)
        joined = b.op("Reshape", b.op("Transpose", mixed, perm=[0, 2, 1, 3]), b.constant([0, 0, width], np.int64))
        x = b.op("Add", x, b.linear(joined, width, width))
        hidden = b.op("Relu", b.linear(norm(x), width, 2 * width))
        x = b.op("Add", x, b.linear(hidden, 2 * width, width))
    b.op("ReduceMean", x, axes=[1], keepdims=0)
    b.gemm(width, 10)
    return b.model()


ALL = {f.__name__: f for f in (resnet, mobilenet, inception, grouped, gemm_only, transformer)}


def inputs(model, count, seed):
    """Smooth random fields, `[count, *shape]`, of the model's input shape, roughly in -2..2."""
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    draw = np.random.default_rng(seed)
    x = draw.normal(0, 1, (count, *shape))
    for axis in (-1, -2):
        x = x + np.roll(x, 1, axis) + np.roll(x, 2, axis)
    return (x / 3 + draw.normal(0, 0.5, (count, shape[0], *[1] * (len(shape) - 1)))).astype(np.float32)


def with_fitted_head(model, run, seed=9, classes=10, inputs=inputs):
    """Gives the last Gemm weights that tell `classes` apart with a margin, so that top-1 means something.

    Random logits have no classes: a hair decides. Here class c is the direction of the mean
    features of one chosen input, as a nearest-prototype classifier has it.
    """
    gemm = next(n for n in reversed(model.graph.node) if n.op_type == "Gemm")
    x = inputs(model, classes, seed)
    inner = onnx.ModelProto()
    inner.CopyFrom(model)
    del inner.graph.output[:]
    inner.graph.output.append(helper.make_tensor_value_info(gemm.input[0], TensorProto.FLOAT, None))
    features = run(inner, x)
    spread = run(inner, inputs(model, 200, seed + 1))
    mean, std = spread.mean(0), spread.std(0) + 1e-3
    z = (features - mean) / std
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    weights = z / std
    bias = -(weights @ mean)
    transposed = any(a.name == "transB" and a.i for a in gemm.attribute)
    for tensor in model.graph.initializer:
        if tensor.name == gemm.input[1]:
            tensor.CopyFrom(numpy_helper.from_array((weights if transposed else weights.T).astype(np.float32), tensor.name))
        elif tensor.name == gemm.input[2]:
            tensor.CopyFrom(numpy_helper.from_array(bias.astype(np.float32), tensor.name))
    # The model may have had another number of classes.
    for value in [*model.graph.output, *model.graph.value_info]:
        if value.name == gemm.output[0] and value.type.tensor_type.HasField("shape"):
            value.type.tensor_type.shape.dim[-1].dim_value = classes
    return model
