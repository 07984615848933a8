"""Runs fold cases by OpenCV, each in a process of its own, since OpenCV may end it."""
import json
import multiprocessing

import cv2
import numpy as np
import onnx

TIMEOUT = 60


def layer(net, node, output):
    """OpenCV's layer of a graph output. It has one for the output's sake; the one of the node may be fused away."""
    known = set(net.getLayerNames())
    return next(name for name in (output, f'onnx_node!{node.name}', f'onnx_node_output_0!{output}') if name in known)


def readable(case):
    """OpenCV 4.6 reads no convolution whose optional kernel_shape is absent, which says nothing of folding: filled in."""
    model, dims = onnx.ModelProto(), {}
    model.CopyFrom(case.model)
    for graph in (case.model.graph, case.folded.graph):  # the weight may be computed, but for folded ones
        sizes = {constant.name: list(constant.dims) for constant in graph.initializer}
        for node in graph.node:
            if node.op_type in ('Conv', 'ConvTranspose') and node.input[1] in sizes:
                dims[node.name] = sizes[node.input[1]]
    for node in model.graph.node:
        spelled = any(attribute.name == 'kernel_shape' for attribute in node.attribute)
        if node.name in dims and not spelled:
            node.attribute.append(onnx.helper.make_attribute('kernel_shape', dims[node.name][2:]))
    return np.frombuffer(model.SerializeToString(), np.uint8)


def run(case, encoded, fusion):
    net = cv2.dnn.readNetFromONNX(encoded)
    net.enableFusion(fusion)
    for name, value in case.inputs.items():
        net.setInput(value.astype(np.float32), name)
    maker = {name: node for node in case.model.graph.node for name in node.output}
    outputs = net.forward([layer(net, maker[name], name) for name in case.about['outputs']])
    return net, [np.array(output) for output in outputs]


def layers_computed(net, model):
    """The types of the layers that took time. Those that took none were fused into others: folded into weights, but
    for a BatchNorm behind an Eltwise layer, which is computed there as an activation."""
    kinds = {name: net.getLayer(name).type for name in net.getLayerNames()}
    ticks = dict(zip(kinds, net.getPerfProfile()[1].reshape(-1)))
    computed = [kind for name, kind in kinds.items() if ticks[name] > 1]
    makers = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        before = makers.get(node.input[0]) if node.input else None
        if kinds.get(f'onnx_node!{node.name}') == 'BatchNorm' and before is not None:
            computed += ['BatchNorm'] * (kinds.get(f'onnx_node!{before.name}') == 'Eltwise'
                                         and ticks[f'onnx_node!{node.name}'] <= 1)
    return computed


def both(case, pipe):
    """Sends the outputs without and with fusion, and how many layers of which type the second run computed."""
    encoded, result = readable(case), {}
    for key, fusion in (('plain', False), ('optimised', True)):
        try:
            net, result[key] = run(case, encoded, fusion)
        except (cv2.error, StopIteration, KeyError) as error:
            result[key + '_error'] = str(error).strip()[:300]
    if 'optimised' in result:
        computed = layers_computed(net, case.model)
        result['computed'] = {kind: computed.count(kind) for kind in computed}
    pipe.send(result)


def results(case):
    """What `both` sends; nothing where OpenCV crashes or hangs."""
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context('fork').Process(target=both, args=(case, there))
    child.start()
    there.close()
    try:
        return here.recv() if here.poll(TIMEOUT) else {}
    except EOFError:
        return {}
    finally:
        child.kill()
        child.join()
