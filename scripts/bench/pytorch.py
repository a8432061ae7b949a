"""The PyTorch contender of `npm run bench`: answers JSON lines as protocol.ts says.

Argument: the most threads that a library below PyTorch may use. It has to stand in the environment before
they are loaded.
"""
import os
import sys

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = sys.argv[1]

import json
import time

sys.dont_write_bytecode = True  # nothing is left beside the sources
import torch
from pytorch_learning import Learner
from torch import nn

LEARNING_RATE, BETAS, EPSILON, CLIP, TEMPERATURE = 2e-3, (0.9, 0.999), 1e-8, 5.0, 0.9
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Network(nn.Module):
    def __init__(self, spec):
        super().__init__()
        hidden, layers, dropout = spec["rnnSize"], spec["numLayers"], spec["dropout"]
        self.embedding = nn.Embedding(spec["vocabularySize"], spec["embeddingSize"])
        # between layers; the embedding and the output are dropped here, as in our network
        between = dropout if layers > 1 else 0.0
        self.rnn = CELLS[spec["cell"]](spec["embeddingSize"], hidden, layers, dropout=between)
        self.drop = nn.Dropout(dropout) if dropout > 0 else nn.Identity()
        self.output = nn.Linear(hidden, spec["vocabularySize"])

    def forward(self, ids, state):
        """ids [T, B] -> logits [T, B, V] and the state after them."""
        top, state = self.rnn(self.drop(self.embedding(ids)), state)
        return self.output(self.drop(top)), state


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def adam(parameters):
    """With one pass over the parameters where this PyTorch has it for the CPU: the faster one."""
    options = dict(lr=LEARNING_RATE, betas=BETAS, eps=EPSILON)
    try:
        return torch.optim.Adam(parameters, fused=True, **options), "fused Adam"
    except (TypeError, RuntimeError):
        return torch.optim.Adam(parameters, **options), "Adam"


def prepare_training(work):
    network = Network(work["spec"])
    parameters = list(network.parameters())
    optimizer, name = adam(parameters)
    shape = (work["seqLength"], work["batchSize"])
    batches = [
        (torch.tensor(batch["inputs"]).view(shape), torch.tensor(batch["targets"])) for batch in work["batches"]
    ]
    state, done = None, 0

    def step():
        nonlocal state, done
        inputs, targets = batches[done % len(batches)]
        done += 1
        logits, state = network(inputs, state)
        state = detached(state)
        loss = nn.functional.cross_entropy(logits.view(len(targets), -1), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, CLIP)
        optimizer.step()
        return loss.item()

    def run(count):
        start = time.perf_counter()
        loss = step()
        for _ in range(count - 1):
            step()
        return {"seconds": time.perf_counter() - start, "loss": loss}

    return run, name


def prepare_sampling(work):
    network = Network(work["spec"]).eval()

    @torch.inference_mode()
    def sing():
        ids, state, text = torch.ones((1, work["lyrics"]), dtype=torch.long), None, []
        for _ in range(work["length"]):
            logits, state = network(ids, state)
            probabilities = torch.softmax(logits[0] / TEMPERATURE, dim=1)
            ids = torch.multinomial(probabilities, 1).view(1, -1)
            text.append(ids)
        return torch.cat(text).tolist()

    def run(count):
        start = time.perf_counter()
        for _ in range(count):
            sing()
        return {"seconds": time.perf_counter() - start}

    return run, "float32"


def choose(setting):
    torch.set_num_threads(setting["threads"])
    torch.backends.mkldnn.set_flags(setting["onednn"])


def prepare_learning(work):
    learner = Learner(work)
    return learner.run, learner.name, learner.evaluate


PREPARE = {"training": prepare_training, "sampling": prepare_sampling, "learning": prepare_learning}


def prepare(work, setting):
    """What to run, what it is made of and, of learning, what to evaluate."""
    choose(setting)
    torch.manual_seed(1)
    run, name, *evaluate = PREPARE[work["kind"]](work)
    onednn = "oneDNN" if setting["onednn"] else "no oneDNN"
    threads = f"torch threads {setting['threads']}, OpenMP and BLAS {sys.argv[1]}"
    return run, f"PyTorch {torch.__version__}, {name}, {onednn}, {threads}", *evaluate


def memory():
    fields = {}
    try:
        with open("/proc/self/status") as status:
            for line in status:
                name, value = line.split(":", 1)
                if name in ("VmRSS", "VmHWM"):
                    fields[name] = int(value.split()[0]) * 1024
    except OSError:
        pass  # not Linux
    return {"resident": fields.get("VmRSS"), "peak": fields.get("VmHWM")}


def write(answer):
    print(json.dumps(answer), flush=True)


def main():
    write({"about": {
        "pytorch": torch.__version__,
        "python": sys.version.split()[0],
        "executable": os.path.realpath(sys.executable),
    }})
    run, evaluate = None, []
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["ask"] == "prepare":
                run, details, *evaluate = prepare(request["work"], request["setting"])
                write({"details": details})
            elif request["ask"] == "run":
                if "setting" in request:
                    choose(request["setting"])
                write(run(request["count"]))
            elif request["ask"] == "evaluate":
                write(evaluate[0]())
            else:
                write(memory())
        except Exception as error:
            write({"error": f"{type(error).__name__}: {error}"})


main()
