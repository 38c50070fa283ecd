// Comlink's types lie beside its adapter under another name than TypeScript looks for.
declare module 'comlink/dist/esm/node-adapter.mjs' {
  export { default } from 'comlink/dist/esm/node-adapter';
}
