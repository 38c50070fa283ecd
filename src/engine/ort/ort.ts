import type * as OrtModule from 'onnxruntime-web';

/** The module onnxruntime-web; all of its builds have the same interface. */
export type Ort = typeof OrtModule;
