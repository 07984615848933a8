"""pytorch.py WEIGHTS INPUT_NAME INPUT.npy OUTPUT_NAME REFERENCE.npy THREADS WARMUP TIME SETTING: times PyTorch.

WEIGHTS is a TorchScript file, or NAME.pt with the state of torchvision's model NAME or of lenet_bn.
SETTING: eager, channels-last, or frozen (traced, frozen, optimised for inference). Prints what contest.h prints.
"""
import json
import os
import pathlib
import sys
import time

import numpy as np
import torch


def lenet_bn():
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.BatchNorm2d(6), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.BatchNorm2d(16), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(256, 120), nn.BatchNorm1d(120), nn.Sigmoid(),
        nn.Linear(120, 84), nn.BatchNorm1d(84), nn.Sigmoid(), nn.Linear(84, 10))


def build(name):
    if name == 'lenet_bn':
        return lenet_bn()
    import torchvision.models
    extra = {'aux_logits': False, 'init_weights': False} if name in ('googlenet', 'inception_v3') else {}
    return getattr(torchvision.models, name)(weights=None, **extra)


def load(path):
    try:
        return torch.jit.load(path).eval()
    except RuntimeError:
        pass
    # Weights come from the file: to draw random ones first would only take time.
    for drawing in ('kaiming_normal_', 'kaiming_uniform_', 'normal_', 'uniform_', 'trunc_normal_', 'xavier_uniform_'):
        setattr(torch.nn.init, drawing, lambda tensor, *_, **__: tensor)
    network = build(pathlib.Path(path).name.split('.')[0])
    network.load_state_dict(torch.load(path))
    return network.eval()


def peak_memory_mb():
    for line in open('/proc/self/status'):
        if line.startswith('VmHWM'):
            return int(line.split()[1]) * 1024 / 1e6


def main():
    weights, _, input_file, _, reference_file, threads, warmup, seconds, setting = sys.argv[1:10]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    x = torch.from_numpy(np.load(input_file))
    reference = np.load(reference_file)
    start = time.perf_counter()
    network = load(weights)
    if setting == 'channels-last':
        network, x = network.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    if setting == 'frozen':
        network = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(network, x)))
    load_ms = (time.perf_counter() - start) * 1e3

    def timed():
        begin = time.perf_counter()
        output = network(x)
        return (time.perf_counter() - begin) * 1e6, output

    first, _ = timed()
    spent = 0
    while spent < float(warmup) * 1e6:
        spent += timed()[0]
    memory, times, spent = peak_memory_mb(), [], 0
    while spent < float(seconds) * 1e6 or len(times) < 5:
        latency, output = timed()
        times.append(latency)
        spent += latency
    times.sort()

    def percentile(share):
        return times[round(share * (len(times) - 1))]

    y = output.numpy()
    print(json.dumps({
        'version': torch.__version__, 'runs': len(times), 'median_us': percentile(0.5), 'p10_us': percentile(0.1),
        'p99_us': percentile(0.99), 'min_us': times[0], 'first_us': first, 'load_ms': load_ms, 'rss_mb': memory,
        'max_abs_err': float(np.abs(y - reference).max()), 'argmax_ok': bool(y.argmax() == reference.argmax())}))
    sys.stdout.flush()
    os._exit(0)


main()
