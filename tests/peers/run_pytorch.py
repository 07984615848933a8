"""What PyTorch's fusion of a layer and its BatchNorm makes of a case: torch.nn.utils.fusion, on the models it can say."""
import numpy as np
import onnx
import onnx.numpy_helper

LAYERS = ('Conv', 'ConvTranspose', 'Gemm')


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def fused(model):
    """The fused module of a model that is one layer and one BatchNormalization, else None."""
    import torch
    from torch.nn.utils import fusion
    nodes = list(model.graph.node)
    if len(model.graph.output) > 1 or any(i.data_type != onnx.TensorProto.FLOAT for i in model.graph.initializer):
        return None
    if [n.op_type in LAYERS for n in nodes[:1]] != [True] or [n.op_type for n in nodes[1:]] != ['BatchNormalization']:
        return None
    constants = {i.name: torch.from_numpy(onnx.numpy_helper.to_array(i).copy()) for i in model.graph.initializer}
    layer, norm = nodes
    if any(name not in constants for name in list(layer.input[1:]) + list(norm.input[1:])):
        return None
    if any(c.dtype != torch.float32 for c in constants.values()) or len(norm.output) > 1:
        return None
    values, more = attributes(layer), attributes(norm)
    opset = max(i.version for i in model.opset_import if i.domain in ('', 'ai.onnx'))
    if more.get('training_mode') or (opset < 7 and not more.get('is_test')) or more.get('spatial', 1) == 0 or values.get('auto_pad', b'NOTSET') != b'NOTSET':
        return None
    weight = constants[layer.input[1]]
    bias = constants[layer.input[2]] if len(layer.input) > 2 else None
    rank = weight.dim() - 2
    gamma, beta, mean, variance = (constants[name] for name in norm.input[1:])
    bn = {0: torch.nn.BatchNorm1d, 1: torch.nn.BatchNorm1d, 2: torch.nn.BatchNorm2d, 3: torch.nn.BatchNorm3d}[rank](
        len(gamma), eps=more.get('epsilon', 1e-5))
    bn.weight.data, bn.bias.data, bn.running_mean, bn.running_var = gamma, beta, mean, variance
    if layer.op_type == 'Gemm':
        if values.get('alpha', 1) != 1 or values.get('beta', 1) != 1 or values.get('transA') or (bias is not None and bias.dim() != 1):
            return None
        module = torch.nn.Linear(1, 1, bias=bias is not None)
        module.weight.data = weight if values.get('transB') else weight.t().contiguous()
        if bias is not None:
            module.bias.data = bias
        return fusion.fuse_linear_bn_eval(module.eval(), bn.eval())
    pads = values.get('pads', [0] * 2 * rank)
    if list(pads[:rank]) != list(pads[rank:]):
        return None
    group, transposed = values.get('group', 1), layer.op_type == 'ConvTranspose'
    kind = getattr(torch.nn, f'{layer.op_type}{rank}d')
    inputs = weight.shape[0] if transposed else weight.shape[1] * group
    outputs = weight.shape[1] * group if transposed else weight.shape[0]
    more = {'output_padding': tuple(values.get('output_padding', [0] * rank))} if transposed else {}
    module = kind(inputs, outputs, tuple(weight.shape[2:]), tuple(values.get('strides', [1] * rank)), tuple(pads[:rank]),
                  groups=group, bias=bias is not None, dilation=tuple(values.get('dilations', [1] * rank)), **more)
    module.weight.data = weight
    if bias is not None:
        module.bias.data = bias
    return fusion.fuse_conv_bn_eval(module.eval(), bn.eval(), transpose=transposed)


def verdict(folder, reference):
    """'-', 'folded', 'wrong' or 'crashes'."""
    import torch
    model = onnx.load(folder / 'model.onnx')
    try:
        module = fused(model)
        if module is None:
            return '-'
        with torch.no_grad():
            output = module(torch.from_numpy(np.load(folder / 'inputs' / '0.npy'))).numpy()
    except Exception:  # whatever goes wrong inside is what the table tells
        return 'crashes'
    return 'folded' if close(output, reference[0]) else 'wrong'


def close(output, reference):
    """Wrong algebra stands far above float's rounding in these small models."""
    scale = np.max(np.abs(reference), initial=1e-6)
    return output.shape == reference.shape and np.allclose(output, reference, rtol=0, atol=1e-4 * scale)
