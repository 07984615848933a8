"""What PyTorch's fusion of a layer and its BatchNorm (torch.nn.utils.fusion) makes of a case it can say: one Conv,
ConvTranspose or Gemm in float32, and one BatchNormalization in evaluation mode behind it."""
import onnx
import onnx.numpy_helper

LAYERS = ('Conv', 'ConvTranspose', 'Gemm')


def attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def linear(weight, bias, more):
    import torch
    plain = more.get('alpha', 1) == 1 and more.get('beta', 1) == 1 and not more.get('transA')
    weight = weight if more.get('transB') else weight.t().contiguous()
    if not plain or (bias is not None and tuple(bias.shape) != weight.shape[:1]):
        return None
    module = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    module.weight.data = weight
    return module


def convolution(kind, weight, bias, more):
    import torch
    rank, transposed = weight.dim() - 2, kind == 'ConvTranspose'
    pads = more.get('pads', [0] * 2 * rank)
    if list(pads[:rank]) != list(pads[rank:]) or more.get('auto_pad', b'NOTSET') != b'NOTSET' or 'output_shape' in more:
        return None
    group = more.get('group', 1)
    inputs, outputs = (weight.shape[0], weight.shape[1] * group) if transposed else (weight.shape[1] * group, weight.shape[0])
    extra = {'output_padding': tuple(more.get('output_padding', [0] * rank))} if transposed else {}
    module = getattr(torch.nn, f'{kind}{rank}d')(
        inputs, outputs, tuple(weight.shape[2:]), tuple(more.get('strides', [1] * rank)), tuple(pads[:rank]),
        groups=group, bias=bias is not None, dilation=tuple(more.get('dilations', [1] * rank)), **extra)
    module.weight.data = weight
    return module


def modules(model):
    """The layer and the BatchNorm that a model consists of, else None."""
    import torch
    nodes = list(model.graph.node)
    if [n.op_type in LAYERS for n in nodes[:1]] != [True] or [n.op_type for n in nodes[1:]] != ['BatchNormalization']:
        return None
    layer, norm = nodes
    constants = {i.name: torch.from_numpy(onnx.numpy_helper.to_array(i).copy()) for i in model.graph.initializer
                 if i.data_type == onnx.TensorProto.FLOAT}
    if any(name not in constants for name in list(layer.input[1:]) + list(norm.input[1:])):
        return None
    if len(model.graph.input) != 1 or [o.name for o in model.graph.output] != [norm.output[0]]:
        return None
    opset = max(i.version for i in model.opset_import if i.domain in ('', 'ai.onnx'))
    more = attributes(norm)
    if len(norm.output) > 1 or more.get('training_mode') or more.get('spatial', 1) == 0 or (opset < 7 and not more.get('is_test')):
        return None
    weight = constants[layer.input[1]]
    bias = constants[layer.input[2]] if len(layer.input) > 2 else None
    made = (linear(weight, bias, attributes(layer)) if layer.op_type == 'Gemm' else
            convolution(layer.op_type, weight, bias, attributes(layer)))
    if made is None:
        return None
    if bias is not None:
        made.bias.data = bias
    gamma, beta, mean, variance = (constants[name] for name in norm.input[1:])
    kinds = [torch.nn.BatchNorm1d, torch.nn.BatchNorm1d, torch.nn.BatchNorm2d, torch.nn.BatchNorm3d]
    bn = kinds[weight.dim() - 2](len(gamma), eps=more.get('epsilon', 1e-5))
    bn.weight.data, bn.bias.data, bn.running_mean, bn.running_var = gamma, beta, mean, variance
    return made.eval(), bn.eval()


def verdict(case):
    import torch
    from torch.nn.utils import fusion
    pair = modules(case.model) if case.types == {'float'} else None
    if pair is None:
        return '-'
    layer, bn = pair
    x = torch.from_numpy(next(iter(case.inputs.values())))
    with torch.no_grad():
        try:
            plain = bn(layer(x)).numpy()
        except (RuntimeError, ValueError):
            return '-'
        if not case.right([plain]):
            return '-'
        try:
            if isinstance(layer, torch.nn.Linear):
                fused = fusion.fuse_linear_bn_eval(layer, bn)
            else:
                transposed = isinstance(layer, torch.nn.modules.conv._ConvTransposeNd)
                fused = fusion.fuse_conv_bn_eval(layer, bn, transpose=transposed)
            output = fused(x).numpy()
        except (RuntimeError, ValueError):
            return 'breaks'
    return 'folded' if case.right([output]) else 'wrong'
