"""Trains a network in PyTorch on batches that it is given: answers JSON lines, one for each line that it reads.

    {"ask": "begin", "spec", "optimizer": {"alpha", "epsilon"}, "clip", "threads", "weights"} -> {"version"}
    {"ask": "step", "rate", "inputs", "targets", "fresh"} -> {"loss", "gradient_norm", "count"}
    {"ask": "weights"} -> {"weights"}

Ids are time-major as in the engine's `Batch`, `fresh` has the rows whose state is set to zero before, weights are
float32 in base64 by the names of a checkpoint. RMSProp, clipping by value, no dropout: what char-rnn's defaults are.
"""
import base64
import json
import math
import sys

import torch
from torch import nn

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Network(nn.Module):
    """Names of parameters are those of a checkpoint."""

    def __init__(self, spec):
        super().__init__()
        hidden = spec["rnnSize"]
        self.embedding = nn.Embedding(spec["vocabularySize"], spec["embeddingSize"])
        self.rnn = CELLS[spec["cell"]](spec["embeddingSize"], hidden, spec["numLayers"])
        self.output = nn.Linear(hidden, spec["vocabularySize"])

    def forward(self, ids, state):
        """ids [T, B] -> logits [T, B, V] and the state after them."""
        top, state = self.rnn(self.embedding(ids), state)
        return self.output(top), state


def state_of(state, change):
    """`change` of h and c, or of h where the cell has no c."""
    return tuple(map(change, state)) if isinstance(state, tuple) else change(state)


class Training:
    def __init__(self, request):
        torch.set_num_threads(request["threads"])
        self.network = Network(request["spec"])
        own = self.network.state_dict()
        self.network.load_state_dict({name: decoded(text, own[name]) for name, text in request["weights"].items()})
        self.parameters = list(self.network.parameters())
        options = request["optimizer"]
        self.optimizer = torch.optim.RMSprop(self.parameters, alpha=options["alpha"], eps=options["epsilon"])
        self.clip = request["clip"]
        self.state = None

    def step(self, request):
        targets = torch.tensor(request["targets"])
        inputs = torch.tensor(request["inputs"]).view(-1, len(request["fresh"]))
        if self.state is not None:
            keep = 1 - torch.tensor(request["fresh"], dtype=torch.float32).view(1, -1, 1)
            self.state = state_of(self.state, lambda part: part * keep)
        logits, state = self.network(inputs, self.state)
        self.state = state_of(state, torch.Tensor.detach)
        loss = nn.functional.cross_entropy(logits.view(len(targets), -1), targets, ignore_index=-1)
        if not math.isfinite(loss.item()):
            raise FloatingPointError(f"the loss is {loss.item()}")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.stack([parameter.grad.norm() for parameter in self.parameters]).norm().item()
        if self.clip > 0:
            nn.utils.clip_grad_value_(self.parameters, self.clip)
        for group in self.optimizer.param_groups:
            group["lr"] = request["rate"]
        self.optimizer.step()
        return {"loss": loss.item(), "gradient_norm": norm, "count": int((targets >= 0).sum())}

    def weights(self):
        return {name: encoded(tensor) for name, tensor in self.network.state_dict().items()}


def decoded(text, like):
    return torch.frombuffer(bytearray(base64.b64decode(text)), dtype=torch.float32).reshape(like.shape)


def encoded(tensor):
    return base64.b64encode(tensor.contiguous().numpy().tobytes()).decode("ascii")


def main():
    training = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["ask"] == "begin":
                training = Training(request)
                answer = {"version": torch.__version__}
            elif request["ask"] == "step":
                answer = training.step(request)
            else:
                answer = {"weights": training.weights()}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
