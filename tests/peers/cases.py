"""What a fold case holds, how far an engine's model is folded, and when its results are right."""
import json

import numpy as np
import onnx

NORM = ('BatchNormalization',)
ARITHMETIC = ('BatchNormalization', 'Mul', 'Div', 'Add', 'Sub')
# Options of `pleat fold` that the other engines have no like of.
CONSENTS = {'--assume-inference', '--freeze-inputs', '--dequantize-weights', '--decompose'}


def count(model, kinds):
    """How many nodes of these kinds a run may meet: in inner graphs too, and in functions once for every call."""
    bodies = {(f.domain, f.name): f.node for f in model.functions}

    def of(nodes):
        total = 0
        for node in nodes:
            total += node.op_type in kinds
            # One that ONNX Runtime sums into its convolution, as its fourth input.
            total += 'Add' in kinds and node.op_type == 'FusedConv' and len(node.input) > 3
            total += of(bodies.get((node.domain, node.op_type), []))
            for attribute in node.attribute:
                total += of(attribute.g.node) if attribute.HasField('g') else 0
                total += sum(of(graph.node) for graph in attribute.graphs)
        return total

    return of(model.graph.node)


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.name = folder.name
        self.about = json.loads((folder / 'expectation.json').read_text())
        self.model = onnx.load(folder / 'model.onnx')
        self.folded = onnx.load(folder / 'folded.onnx')
        self.inputs = {about['name']: np.load(folder / 'inputs' / f'{i}.npy')
                       for i, about in enumerate(self.about.get('inputs') or [])}
        self.types = {about['type'] for about in self.about.get('inputs') or []}
        self.references = [stored(np.load(folder / 'outputs' / f'{i}.npy'), output)
                           for i, output in enumerate(self.model.graph.output)]
        self.norms = count(self.model, NORM)
        self.most = count(self.model, ARITHMETIC)
        self.least = count(self.folded, ARITHMETIC)

    @property
    def consented(self):
        return bool(CONSENTS & set(self.about['flags'] or []))

    @property
    def foldable(self):
        return self.about['pleat_folded'] > 0

    def right(self, outputs):
        """Wrong algebra stands far above the rounding of these small models."""
        tolerance = 1e-2 if self.about['half'] else 1e-4
        return len(outputs) == len(self.references) and all(
            same(np.asarray(output, dtype=np.float64), reference, tolerance)
            for output, reference in zip(outputs, self.references))

    def form(self, norms_left, arithmetic_left):
        """How far a model is folded in which so many nodes are left."""
        if not self.foldable:
            return 'folded' if norms_left < self.norms and arithmetic_left < self.most else 'left'
        if self.norms > 0 and norms_left >= self.norms:
            return 'left'
        if arithmetic_left <= self.least:
            return 'folded'
        return 'in part' if self.norms > 0 else 'left'


def stored(exact, output):
    """What the model's own type makes of the oracle's numbers: those beyond its range are infinite."""
    types = {onnx.TensorProto.FLOAT: np.float32, onnx.TensorProto.FLOAT16: np.float16}
    with np.errstate(over='ignore'):
        return exact.astype(types.get(output.type.tensor_type.elem_type, np.float64)).astype(np.float64)


def same(output, reference, tolerance):
    output, reference = output.reshape(-1), reference.reshape(-1)
    scale = np.max(np.abs(reference[np.isfinite(reference)]), initial=1e-6)
    return output.shape == reference.shape and np.allclose(
        output, reference, rtol=0, atol=tolerance * scale, equal_nan=True)
