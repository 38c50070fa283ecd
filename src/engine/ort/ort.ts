import type * as OrtModule from 'onnxruntime-web';

/** The part of the onnxruntime-web module that we use; every build of it has the same. */
export type Ort = typeof OrtModule;
