/** The bytes of the copying graph are what the converter writes for one. */
import { expect, test } from 'vitest';
import { copyGraph } from '../../language-server/inference/copy-graph.js';
import { encodeOnnxModel, type OnnxValue } from '../../models/convert/onnx-writer.js';

test('one node, from x to y', () => {
  const states = (name: string): OnnxValue => ({ name, type: 'float32', dimensions: [1, 'S', 'H'] });
  const made = encodeOnnxModel({
    name: 'copy',
    nodes: [{ operator: 'Identity', domain: '', inputs: ['x'], outputs: ['y'], attributes: {} }],
    constants: [],
    inputs: [states('x')],
    outputs: [states('y')],
  });
  expect(Buffer.from(copyGraph)).toEqual(Buffer.from(made));
});
