// node run_onnxruntime.mjs MODULES CASE: runs CASE/model.onnx unoptimised and with extended optimisation, writes what
// the optimiser leaves to CASE/onnxruntime.onnx and the outputs as JSON to standard output.
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';

const [modules, folder] = process.argv.slice(2);
const ort = createRequire(modules + '/')('onnxruntime-node');
const about = JSON.parse(readFileSync(folder + '/expectation.json'));

function halfOf(value) {  // exact: the array holds float16 values
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0), sign = (bits >>> 16) & 0x8000, exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent <= 0) return sign | (exponent < -10 ? 0 : (mantissa | 0x800000) >> (14 - exponent));
  return sign | (exponent << 10) | (mantissa >> 13);
}
function numberOf(half) {
  const sign = half & 0x8000 ? -1 : 1, exponent = (half >> 10) & 31, mantissa = half & 1023;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 31) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
function readNpy(path) {
  const bytes = readFileSync(path), length = bytes.readUInt16LE(8);
  const header = bytes.toString('latin1', 10, 10 + length);
  const dims = header.match(/'shape': \(([^)]*)\)/)[1].split(',').filter(s => s.trim()).map(Number);
  const kind = header.match(/'descr': '(.*?)'/)[1], body = bytes.subarray(10 + length);
  const size = Number(kind.slice(2)), values = [];
  for (let at = 0; at < body.length; at += size)
    values.push(kind === '<f8' ? body.readDoubleLE(at) : kind === '<f4' ? body.readFloatLE(at) : numberOf(body.readUInt16LE(at)));
  return {dims, values};
}
const makers = {
  float: v => Float32Array.from(v), double: v => Float64Array.from(v), float16: v => Uint16Array.from(v, halfOf),
  bool: v => Uint8Array.from(v), uint8: v => Uint8Array.from(v), int64: v => BigInt64Array.from(v, x => BigInt(x)),
};
const names = {float: 'float32', double: 'float64'};

const feeds = {};
(about.inputs || []).forEach(({name, type}, i) => {
  const {dims, values} = readNpy(`${folder}/inputs/${i}.npy`);
  feeds[name] = new ort.Tensor(names[type] || type, makers[type](values), dims);
});
const result = {};
for (const [key, options] of [['plain', {graphOptimizationLevel: 'disabled'}],
  ['optimised', {graphOptimizationLevel: 'extended', optimizedModelFilePath: folder + '/onnxruntime.onnx'}]]) {
  try {
    const session = await ort.InferenceSession.create(folder + '/model.onnx', {...options, logSeverityLevel: 4});
    const outputs = await session.run(feeds);
    result[key] = about.outputs.map(name => {
      const {type, data} = outputs[name];
      return Array.from(data, x => type === 'float16' && data instanceof Uint16Array ? numberOf(x) : Number(x)).map(String);
    });
  } catch (error) {
    result[key + '_error'] = String(error.message || error).slice(0, 300);
  }
}
console.log(JSON.stringify(result));
