"""The engines of the contest: what of them is installed, how each is called, and one process run per slot."""
import json
import os
import pathlib
import resource
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TICK = os.sysconf('SC_CLK_TCK')


class Engine:
    """`settings`: what is tried, for one thread or for several; the best of them counts."""

    def __init__(self, name, program, settings=('',), settings_of_teams=None):
        self.name, self.program = name, program
        self.settings, self.settings_of_teams = settings, settings_of_teams or settings

    def variants(self, threads):
        return [(self, setting) for setting in (self.settings_of_teams if threads > 1 else self.settings)]

    def command(self, model, threads, setting, options):
        file = model.weights if self.name == 'PyTorch' else model.path
        return [*self.program, file, model.input_name, model.input, model.output_name, model.reference, threads,
                options.warmup, options.time] + ([setting] if setting else [])


class Pleat(Engine):
    def command(self, model, threads, setting, options):
        return [*self.program, 'bench', model.path, '--input', f'{model.input_name}={model.input}', '--reference',
                f'{model.output_name}={model.reference}', '--threads', threads, '--warmup', options.warmup, '--time',
                options.time, '--format', 'json']


def compiled(source, target, *flags):
    """A program from one file here, or None where that cannot be had."""
    sources = [HERE / source, *HERE.glob('*.h')]
    if not target.exists() or target.stat().st_mtime < max(file.stat().st_mtime for file in sources):
        done = subprocess.run(['g++', '-std=c++17', '-O2', '-I', str(HERE.parents[2]), str(HERE / source), *flags, '-o', str(target)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            return None
    return target


def onnxruntime(folder, modules):
    def library():
        found = sorted(modules.glob('node_modules/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime.so.1'))
        return found[-1] if found else None

    if library() is None:
        print('installing onnxruntime-node into', modules, file=sys.stderr, flush=True)
        try:
            subprocess.run(['npm', 'install', '--ignore-scripts', '--no-save', '--prefix', str(modules),
                            'onnxruntime-node'], check=True, stdout=sys.stderr)
        except (OSError, subprocess.CalledProcessError) as error:
            return None, f'npm: {error}'
    program = library() and compiled('onnxruntime.cc', folder / 'onnxruntime', str(library()),
                                     f'-Wl,-rpath,{library().parent}')
    if program is None:
        return None, 'the package brings no library for this machine, or g++ is missing'
    return Engine('ONNX Runtime', [program], ('', 'flush'), ('', 'no-spin', 'flush')), None


def opencv(folder):
    program = compiled('opencv.cc', folder / 'opencv', '-isystem', '/usr/include/opencv4', '-lopencv_dnn', '-lopencv_core')
    return (Engine('OpenCV', [program]), None) if program else (None, 'install libopencv-dev')


def pytorch():
    python = '/usr/bin/python3'
    if subprocess.run([python, '-W', 'ignore', '-c', 'import torch'], capture_output=True).returncode != 0:
        return None, 'install python3-torch python3-torchvision libopenblas0-openmp'
    return Engine('PyTorch', [python, '-W', 'ignore', HERE / 'pytorch.py'], ('frozen', 'eager', 'channels-last')), None


def busy_seconds():
    fields = [int(field) for field in open('/proc/stat').readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK


def own_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(command, threads, timeout):
    """The figures of one process, or {'error': …}; with them the share of a CPU that others took meanwhile."""
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    cpus = sorted(os.sched_getaffinity(0))[-threads:]
    busy, own, start = busy_seconds(), own_seconds(), time.perf_counter()
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=timeout,
                              env=environment, preexec_fn=lambda: os.sched_setaffinity(0, cpus))
        said = [line.strip(' >') for line in done.stderr.splitlines()]
        figures = json.loads(done.stdout.strip().splitlines()[-1]) if done.returncode == 0 else {
            'error': ([line for line in said if line] or [f'ends with {done.returncode}'])[-1][:200]}
    except subprocess.TimeoutExpired:
        figures = {'error': f'takes longer than {timeout} s'}
    except (IndexError, ValueError):
        figures = {'error': 'prints no figures'}
    seconds = time.perf_counter() - start
    figures['disturbance'] = max(0.0, busy_seconds() - busy - (own_seconds() - own)) / seconds
    return figures
