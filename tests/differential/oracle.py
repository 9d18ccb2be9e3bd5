"""Talks to examples/oracle.rs: asks our Rust what it computes."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
CIFAR = SHARED / "data" / "cifar10-few" / "images.zip"


class Oracle:
    def __init__(self):
        build = ["cargo", "run", "--quiet", "--features", "engine", "--example", "oracle"]
        command = [os.environ["ORACLE"]] if "ORACLE" in os.environ else build
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, ask, **details):
        self.process.stdin.write(json.dumps({"ask": ask, **details}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"the oracle ended while answering {ask}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=60)
