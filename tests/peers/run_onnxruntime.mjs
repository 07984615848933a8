// node run_onnxruntime.mjs MODULES CASE…: runs CASE/model.onnx unoptimised and with extended optimisation, and what
// Pleat made of it unoptimised. Writes what the optimiser leaves to CASE/onnxruntime.onnx and the outputs to standard
// output, one line of JSON for each case.
import {createRequire} from 'node:module';
import {existsSync, readFileSync} from 'node:fs';

const [modules, ...folders] = process.argv.slice(2);
const ort = createRequire(modules + '/')('onnxruntime-node');

function halfOf(value) {  // exact: the array holds float16 values
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  const bits = view.getUint32(0), sign = (bits >>> 16) & 0x8000, exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
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
  const readers = {'<f8': at => body.readDoubleLE(at), '<f4': at => body.readFloatLE(at),
    '<f2': at => numberOf(body.readUInt16LE(at))};
  const size = Number(kind.slice(2)), values = [];
  for (let at = 0; at < body.length; at += size) values.push(readers[kind](at));
  return {dims, values};
}
const makers = {
  float: v => Float32Array.from(v), double: v => Float64Array.from(v), float16: v => Uint16Array.from(v, halfOf),
  bool: v => Uint8Array.from(v), uint8: v => Uint8Array.from(v), int8: v => Int8Array.from(v),
  int32: v => Int32Array.from(v), int64: v => BigInt64Array.from(v, x => BigInt(x)),
};
const names = {float: 'float32', double: 'float64'};

const plain = {graphOptimizationLevel: 'disabled'};
const extended = folder => ({graphOptimizationLevel: 'extended', optimizedModelFilePath: folder + '/onnxruntime.onnx'});

async function outputs(file, options, about, feeds) {
  const session = await ort.InferenceSession.create(file, {...options, logSeverityLevel: 4});
  const results = await session.run(feeds);
  return about.outputs.map(name => {
    const {type, data} = results[name], half = type === 'float16' && data instanceof Uint16Array;
    return Array.from(data, x => String(half ? numberOf(x) : Number(x)));
  });
}

for (const folder of folders) {
  const about = JSON.parse(readFileSync(folder + '/expectation.json')), feeds = {}, result = {};
  (about.inputs || []).forEach(({name, type}, i) => {
    const {dims, values} = readNpy(`${folder}/inputs/${i}.npy`);
    feeds[name] = new ort.Tensor(names[type] || type, makers[type](values), dims);
  });
  for (const [key, file, options] of [['plain', '/model.onnx', plain], ['optimised', '/model.onnx', extended(folder)],
    ['pleat', '/pleat.onnx', plain]]) {
    if (!existsSync(folder + file)) continue;
    try {
      result[key] = await outputs(folder + file, options, about, feeds);
    } catch (error) {
      result[key + '_error'] = String(error.message || error).slice(0, 300);
    }
  }
  console.log(JSON.stringify(result));
}
