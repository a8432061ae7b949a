"""Training to a loss in PyTorch: what learning.ts does with ours, from the same weights, on the same batches.

Dropout stands where ours has it: on elements of the embedding matrix (one mask a step, so a character has the same
one wherever it stands), between layers, before the output, and on recurrent weights (one mask a step).
"""
import json
import math
import struct
import time

import torch
from torch import nn
from torch.nn import functional

CELLS = {"lstm": (nn.LSTM, torch.lstm), "gru": (nn.GRU, torch.gru), "rnn": (nn.RNN, torch.rnn_tanh)}
NOT_COUNTED = -1


class Network(nn.Module):
    """Names of parameters are those of a checkpoint."""

    def __init__(self, spec, recurrent_dropout):
        super().__init__()
        hidden, layers = spec["rnnSize"], spec["numLayers"]
        module, self.operation = CELLS[spec["cell"]]
        self.dropout, self.recurrent_dropout = spec["dropout"], recurrent_dropout
        self.state_parts = 2 if spec["cell"] == "lstm" else 1
        self.embedding = nn.Embedding(spec["vocabularySize"], spec["embeddingSize"])
        self.rnn = module(spec["embeddingSize"], hidden, layers)
        self.output = nn.Linear(hidden, spec["vocabularySize"])
        if spec["tied"]:
            self.output.weight = self.embedding.weight

    def recurrent_weights(self):
        """In the order that the operation takes them: per layer weight_ih, weight_hh, bias_ih, bias_hh."""
        for name, weight in self.rnn.named_parameters():
            dropped = self.training and self.recurrent_dropout > 0 and name.startswith("weight_hh")
            yield functional.dropout(weight, self.recurrent_dropout) if dropped else weight

    def zero_state(self, rows):
        size = (self.rnn.num_layers, rows, self.rnn.hidden_size)
        return tuple(torch.zeros(size) for _ in range(self.state_parts))

    def forward(self, ids, state):
        """ids [T, B], state of zero_state's form -> logits [T, B, V] and the state after them."""
        table = functional.dropout(self.embedding.weight, self.dropout, self.training)
        # The fused operation that nn.LSTM.forward calls, with the weights of this step.
        top, *state = self.operation(
            functional.embedding(ids, table),
            state if self.state_parts == 2 else state[0],
            list(self.recurrent_weights()),
            True,  # biases
            self.rnn.num_layers,
            self.dropout,  # between layers
            self.training,
            False,  # one direction
            False,  # time first
        )
        return self.output(functional.dropout(top, self.dropout, self.training)), state


def read_checkpoint(path):
    """Tensors of a safetensors file of float32: 8 bytes of length, JSON, numbers."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{name} is {entry['dtype']}, not F32")
        begin, end = entry["data_offsets"]
        tensors[name] = torch.frombuffer(data[begin:end], dtype=torch.float32).reshape(entry["shape"])
    return tensors


def adamw(network, options):
    """Decay on matrices alone; with one pass over the parameters where this PyTorch has it for the CPU."""
    if options["name"] not in ("adam", "adamw"):
        raise ValueError(f"no optimizer {options['name']} here")
    parameters = list(network.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": options["weightDecay"]},
        {"params": [p for p in parameters if p.ndim == 1], "weight_decay": 0.0},
    ]
    given = dict(lr=0.0, betas=(options["beta1"], options["beta2"]), eps=options["epsilon"])
    try:
        return torch.optim.AdamW(groups, fused=True, **given), "fused AdamW"
    except (TypeError, RuntimeError):
        return torch.optim.AdamW(groups, **given), "AdamW"


def clip(parameters, clipping):
    if clipping["limit"] == 0:
        return
    if clipping["by"] == "norm":
        nn.utils.clip_grad_norm_(parameters, clipping["limit"])
    else:
        nn.utils.clip_grad_value_(parameters, clipping["limit"])


class Learner:
    """Its place in the work; `run` and `evaluate` are answers of the protocol."""

    def __init__(self, work):
        self.network = Network(work["spec"], work["recurrentDropout"])
        self.network.load_state_dict(read_checkpoint(work["checkpoint"]))
        self.optimizer, self.name = adamw(self.network, work["optimizer"])
        self.parameters = list(self.network.parameters())
        self.clipping, self.rates = work["clipping"], work["learningRates"]
        shape = (work["seqLength"], work["batchSize"])
        tensors = lambda batch: (torch.tensor(batch["inputs"]).view(shape), torch.tensor(batch["targets"]))
        self.batches = [tensors(batch) for batch in work["batches"]]
        self.validation = [tensors(batch) for batch in work["validation"]]
        self.zero = self.network.zero_state(work["batchSize"])
        self.state, self.done = self.zero, 0

    def step(self):
        inputs, targets = self.batches[self.done % len(self.batches)]
        for group in self.optimizer.param_groups:
            group["lr"] = self.rates[min(self.done, len(self.rates) - 1)]
        logits, state = self.network(inputs, self.state)
        self.state = tuple(part.detach() for part in state)
        loss = functional.cross_entropy(logits.view(len(targets), -1), targets, ignore_index=NOT_COUNTED)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        clip(self.parameters, self.clipping)
        self.optimizer.step()
        self.done += 1
        return loss.item()

    def run(self, count):
        start = time.perf_counter()
        loss = sum(self.step() for _ in range(count)) / count
        return {"seconds": time.perf_counter() - start, "loss": finite(loss)}

    @torch.no_grad()
    def evaluate(self):
        start = time.perf_counter()
        self.network.eval()
        nats, count, state = 0.0, 0, self.zero
        for inputs, targets in self.validation:
            logits, state = self.network(inputs, state)
            rows = logits.view(len(targets), -1)
            nats += functional.cross_entropy(rows, targets, ignore_index=NOT_COUNTED, reduction="sum").item()
            count += int((targets != NOT_COUNTED).sum())
        self.network.train()
        return {"seconds": time.perf_counter() - start, "loss": finite(nats / count)}


def finite(loss):
    if not math.isfinite(loss):
        raise FloatingPointError(f"the loss is {loss}")
    return loss
