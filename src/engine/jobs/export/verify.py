"""Check this classifier, or use it.

    pip install onnxruntime pillow
    python verify.py              runs the examples of check.json
    python verify.py photo.jpg    classifies a picture of yours
"""

import json
import pathlib
import sys

import numpy as np
import onnxruntime
from PIL import Image, ImageOps

here = pathlib.Path(__file__).parent
check = json.loads((here / "check.json").read_text(encoding="utf-8"))
session = onnxruntime.InferenceSession(str(here / check["model"]), providers=["CPUExecutionProvider"])


def prepare(image, side=check["side"]):
    """The resize rule: upright, on white, centred square, antialiased bilinear."""
    image = ImageOps.exif_transpose(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("RGB")
    square = min(image.size)
    left, top = (image.width - square) // 2, (image.height - square) // 2
    image = image.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, left + square, top + square))
    return np.asarray(image, dtype=np.float32).transpose(2, 0, 1)[None]


def predict(path):
    with Image.open(path) as image:
        outputs = session.run(None, {"image": prepare(image)})
    return dict(zip([output.name for output in session.get_outputs()], outputs))


def main():
    if len(sys.argv) > 1:
        answer = predict(sys.argv[1])
        for label, p in sorted(zip(check["labels"], answer["probabilities"][0]), key=lambda pair: -pair[1]):
            print(f"{p:7.1%}  {label}")
        if answer.get("none_of_these", [False])[0]:
            print("Probably none of these: it is unlike every class.")
        return
    worst = 0.0
    for example in check["examples"]:
        answer = predict(here / example["file"])
        worst = max(worst, float(np.abs(answer["probabilities"][0] - example["probabilities"]).max()))
        worst = max(worst, abs(float(answer["familiarity"][0]) - example["familiarity"]))
        if "none_of_these" in answer and bool(answer["none_of_these"][0]) != example["none_of_these"]:
            sys.exit(f"{example['file']}: the answer to 'none of these' differs")
    if not check["examples"] or worst > check["tolerance"]:
        sys.exit(f"differs by {worst:.2g}, more than {check['tolerance']:.2g}")
    print(f"{len(check['examples'])} examples agree; largest difference {worst:.2g}")


main()
