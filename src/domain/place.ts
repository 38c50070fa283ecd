/** Where numbers are computed. */
export type Place =
  | { kind: 'gpu'; name: string }
  | { kind: 'cpu'; runtime: 'WebAssembly'; threads: number }
  /** GPUs that have the layers between them. */
  | { kind: 'split'; parts: readonly PlacePart[] }
  /** What a journal of an unknown engine calls it. */
  | { kind: 'named'; name: string };

/** The layers that one device has of a model, counted from 1. */
export interface PlacePart {
  from: number;
  to: number;
  place: Place;
  /** Of our kernels; null for ONNX Runtime. */
  variant: string | null;
}

/** What a language says of places. */
interface PlaceTexts {
  gpu: (name: string) => string;
  cpu: (runtime: string, threads: number) => string;
  part: (from: number, to: number, place: string, variant: string) => string;
  /** Joins the texts of parts. */
  parts: (parts: readonly string[]) => string;
}

// The words that journals have had since their first version. Runs are told apart by them, so they never change.
const ID: PlaceTexts = {
  gpu: (name) => `${name} (WebGPU)`,
  cpu: (runtime, threads) => `CPU (${runtime}, ${threads} thread${threads === 1 ? '' : 's'})`,
  part: (from, to, place, variant) => `layers ${from} to ${to} on ${place}, ${variant}`,
  parts: (parts) => parts.join(' and '),
};

/** What a place is told apart by, and called in journals and exports: the same text in every version and language. */
export function placeId(place: Place): string {
  return placeIn(place, ID);
}

/** A place in a language. */
export function placeIn(place: Place, texts: PlaceTexts): string {
  switch (place.kind) {
    case 'gpu':
      return texts.gpu(place.name);
    case 'cpu':
      return texts.cpu(place.runtime, place.threads);
    case 'split':
      return texts.parts(
        place.parts.map(({ from, to, place, variant }) =>
          texts.part(from, to, placeIn(place, texts), String(variant)),
        ),
      );
    case 'named':
      return place.name;
  }
}
