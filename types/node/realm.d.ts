// Globals of Node that @types/node does not declare.

declare global {
  /** Defined by `src/engine/device/backend-node.ts`, where ONNX Runtime looks for it. */
  const navigator: { gpu: GPU };
}

declare module 'worker_threads' {
  interface MessagePort {
    onmessage: ((event: { data: unknown }) => void) | null;
  }
}

declare module 'undici-types' {
  interface RequestInit {
    cache?: 'no-store';
  }
}

export {};
