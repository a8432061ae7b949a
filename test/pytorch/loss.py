"""Losses of checkpoints in PyTorch, without any code of the project.

Usage: loss.py FILE... < batch.json
The batch: {"inputs": [[id, ...] a row], "targets": the same}. Prints a JSON array, for each file the mean
cross-entropy in nats and the L2 norm of each tensor's gradient.
"""

import json
import struct
import sys

import torch
from torch import nn

DTYPES = {"F32": torch.float32, "F16": torch.float16}
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


def read_safetensors(path):
    """Metadata and tensors by the format's definition: 8 bytes of length, JSON, numbers."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    metadata = header.pop("__metadata__")
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        flat = torch.frombuffer(data[begin:end], dtype=DTYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"]).float()
    return metadata, tensors


class Network(nn.Module):
    def __init__(self, network, vocabulary_size):
        super().__init__()
        embedding_size, rnn_size = network["embedding_size"], network["rnn_size"]
        self.embedding = nn.Embedding(vocabulary_size, embedding_size)
        self.rnn = CELLS[network["cell"]](embedding_size, rnn_size, network["num_layers"], batch_first=True)
        self.output = nn.Linear(rnn_size, vocabulary_size)
        if network["tied"]:
            self.output.weight = self.embedding.weight

    def forward(self, inputs):
        return self.output(self.rnn(self.embedding(inputs))[0])


def measure(path, inputs, targets):
    metadata, tensors = read_safetensors(path)
    model = Network(json.loads(metadata["network"]), len(json.loads(metadata["vocabulary"])))
    model.load_state_dict(tensors)
    loss = nn.functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    norms = {name: float(parameter.grad.norm()) for name, parameter in model.named_parameters()}
    return {"loss": float(loss), "gradient_norms": norms}


batch = json.load(sys.stdin)
arguments = torch.tensor(batch["inputs"]), torch.tensor(batch["targets"])
print(json.dumps([measure(path, *arguments) for path in sys.argv[1:]]))
