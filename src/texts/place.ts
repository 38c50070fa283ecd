/** The device, or devices, on which results are computed. */
export type Place =
  | { kind: 'gpu'; name: string }
  | { kind: 'cpu'; runtime: 'WebAssembly'; threads: number }
  /** GPUs that share the layers of one model. */
  | { kind: 'split'; parts: readonly PlacePart[] }
  /** A place known only by its name: that in a journal of an unknown engine. */
  | { kind: 'named'; name: string };

/** The layers of a model that one device computes: `from` to `to`, both included, counted from 1. */
export interface PlacePart {
  from: number;
  to: number;
  place: Place;
  /** Name of the variant of our kernels; null for ONNX Runtime. */
  variant: string | null;
}

/** The texts from which a language builds the name of a place. */
export interface PlaceTexts {
  gpu: (name: string) => string;
  cpu: (runtime: string, threads: number) => string;
  part: (from: number, to: number, place: string, variant: string) => string;
  /** Joins the texts of parts. */
  parts: (parts: readonly string[]) => string;
}

/** The name of a place in the language of `texts`. */
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
