import { register } from 'node:module';

// `node --import` of this file makes every import of ONNX Runtime fail, as if its files were missing.
const hooks = `export function resolve(specifier, context, next) {
  if (specifier.startsWith('onnxruntime')) throw new Error('no ' + specifier + ' here');
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
