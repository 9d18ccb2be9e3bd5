"""What both recipes share: processes, device, schedule, weight averaging, checkpoints, the log."""

import copy
import json
import math
import os
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn


class Processes:
    """One process, or several under `torchrun`; each takes its own slice of every epoch."""

    def __init__(self):
        self.count, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
        torch.backends.cudnn.benchmark = True
        if self.count > 1:
            dist.init_process_group("nccl" if cuda else "gloo")

    def wrap(self, module: nn.Module) -> nn.Module:
        return nn.parallel.DistributedDataParallel(module) if self.count > 1 else module

    def autocast(self):
        return torch.autocast(self.device.type, torch.bfloat16)

    def batches(self, total: int, batch: int, seed: int):
        """Shuffled index tensors of this process for one epoch; the last incomplete one is dropped."""
        order = torch.randperm(total, generator=torch.Generator().manual_seed(seed))[self.rank :: self.count]
        yield from order[: total // self.count // batch * batch].view(-1, batch).sort(1).values


class Averaged:
    """Exponential moving average of a module's weights and statistics (Polyak and Juditsky 1992)."""

    def __init__(self, module: nn.Module, decay: float):
        self.module, self.decay, self.steps = copy.deepcopy(module).eval().requires_grad_(False), decay, 0

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        self.steps += 1
        keep = min(self.decay, self.steps / (self.steps + 9))
        pairs = zip(self.module.state_dict().values(), module.state_dict().values(), strict=True)
        mine, others = zip(*[(a, b) for a, b in pairs if a.dtype.is_floating_point], strict=True)
        torch._foreach_lerp_(mine, others, 1 - keep)


def groups(module: nn.Module, decay: float) -> list[dict]:
    """Only weights of two or more dimensions decay."""
    weights = [p for p in module.parameters() if p.dim() > 1]
    others = [p for p in module.parameters() if p.dim() <= 1]
    return [{"params": weights, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def sgd(module: nn.Module, rate: float, decay: float) -> torch.optim.SGD:
    """Nesterov SGD."""
    return torch.optim.SGD(groups(module, decay), rate, 0.9, nesterov=True)


def adamw(module: nn.Module, rate: float, decay: float) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019)."""
    return torch.optim.AdamW(groups(module, decay), rate, (0.9, 0.98))


def one_cycle(done: float, peak: float, warm: float = 0.15) -> float:
    """Learning rate at the share `done` of training: linear up to `peak`, cosine down to a thousandth."""
    if done < warm:
        return peak * (0.05 + 0.95 * done / warm)
    share = (done - warm) / (1 - warm)
    return peak * (0.001 + 0.999 * 0.5 * (1 + math.cos(math.pi * share)))


class Checkpoints:
    """Saves every few minutes beside a JSON-lines log; a killed run goes on from its last save."""

    def __init__(self, folder: str, main: bool, minutes: float = 4):
        self.folder, self.main, self.seconds, self.saved = Path(folder), main, minutes * 60, time.time()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file = self.folder / "checkpoint.pt"

    def restore(self, parts: dict) -> tuple[int, int, float]:
        """Loads what is there into `parts`; the epoch and step to go on from, and the seconds spent."""
        if not self.file.exists():
            return 0, 0, 0.0
        state = torch.load(self.file, map_location="cpu", weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        print(f"going on from epoch {state['epoch']}, step {state['step']}", flush=True)
        return state["epoch"], state["step"], state.get("seconds", 0.0)

    def save(self, parts: dict, epoch: int, step: int, seconds: float, now: bool = False) -> None:
        if not self.main or not (now or time.time() - self.saved > self.seconds):
            return
        state = {name: part.state_dict() for name, part in parts.items()} | {
            "epoch": epoch, "step": step, "seconds": seconds}
        torch.save(state, self.file.with_suffix(".new"))
        self.file.with_suffix(".new").replace(self.file)
        self.saved = time.time()

    def log(self, **values) -> None:
        if self.main:
            line = json.dumps({k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()})
            print(line, flush=True)
            with (self.folder / "log.jsonl").open("a") as file:
                file.write(line + "\n")


def start(args) -> Processes:
    """The processes of a run that is told how many `threads` to use (0: all), each with a seed of its own."""
    if args.threads:
        torch.set_num_threads(args.threads)
    processes = Processes()
    torch.manual_seed(processes.rank)
    return processes


def limits(parser, epochs: int) -> None:
    """The arguments by which `run` ends, `epochs` unless told otherwise, and how many cores it takes."""
    parser.add_argument("--epochs", type=int, default=epochs)
    parser.add_argument("--threads", type=int, default=0, help="cores to use; 0: all")
    parser.add_argument("--minutes", type=float, default=0, help="stop by the clock instead, schedule included")
    parser.add_argument("--log-every", type=int, default=1, help="epochs between two lines of the log")


def run(processes: Processes, module: nn.Module, args, total: int, decay: float, loss, measure, optimizer=sgd) -> None:
    """Trains `module` by `args` (out, epochs or minutes, batch, rate, decay) on `total` examples.

    `loss(model, index, done)` is the loss of the examples at `index` at the share `done` of training; it
    chooses itself what runs in bfloat16, because augmentation must not.
    `measure(average)` gives what is logged of the averaged module. `decay` is the average's.
    """
    module = module.to(processes.device, memory_format=torch.channels_last)
    average, optimizer = Averaged(module, decay), optimizer(module, args.rate, args.decay)
    kept = Checkpoints(args.out, processes.rank == 0)
    parts = {"module": module, "average": average.module, "optimizer": optimizer}
    first, skip, spent = kept.restore(parts)
    average.steps = 10**9 if first else 0
    model = processes.wrap(module)
    peak = args.rate * args.batch * processes.count / 256
    steps = total // processes.count // args.batch
    began, epoch = time.time() - spent, first
    done = spent / (args.minutes * 60) if args.minutes else 0.0
    if args.minutes and processes.count > 1:
        raise SystemExit("--minutes is for one process: several would not stop at the same step")

    while (done if args.minutes else epoch / args.epochs) < 1:
        started, summed, seen = time.time(), torch.zeros((), device=processes.device), 0
        model.train()
        for step, index in enumerate(processes.batches(total, args.batch, epoch)):
            if epoch == first and step < skip:
                continue
            by_clock = (time.time() - began) / (args.minutes * 60) if args.minutes else 0
            done = min(by_clock, 1) if args.minutes else (epoch + step / steps) / args.epochs
            for group in optimizer.param_groups:
                group["lr"] = one_cycle(done, peak)
            value = loss(model, index.to(processes.device, non_blocking=True), done)
            optimizer.zero_grad(set_to_none=True)
            value.backward()
            optimizer.step()
            average.update(module)
            # Added up where it is: reading it every step would make a GPU wait for us.
            summed, seen = summed + value.detach(), seen + len(index)
            kept.save(parts, epoch, step + 1, time.time() - began)
            if args.minutes and done >= 1:
                break
        epoch += 1
        last = done >= 1 if args.minutes else epoch == args.epochs
        if not last and epoch % args.log_every:
            continue
        seconds = time.time() - started
        kept.save(parts, epoch, 0, time.time() - began, now=True)
        if processes.rank == 0:
            with processes.autocast():
                measured = measure(average.module)
            kept.log(epoch=epoch, done=float(done), loss=float(summed) / max(seen // args.batch, 1), **measured,
                     images_per_s=seen / seconds, rate=optimizer.param_groups[0]["lr"])
