/** In place of a name: the row has none. */
export const NO_NAME = 0xffff_ffff;

/** A column of names, each kept once. */
export interface Names {
  names: string[];
  /** [rows]: place in `names`, or {@link NO_NAME}. */
  of: Uint32Array<ArrayBuffer>;
}

/** The name of a row; null where it has none. */
export function nameOf({ names, of }: Names, row: number): string | null {
  return names[of[row]!] ?? null;
}

/** Names in the order in which they first occur. */
export class NameList {
  readonly names: string[] = [];
  private readonly places = new Map<string, number>();

  /** The place of a name, which is added where it is new; {@link NO_NAME} for null. */
  place(name: string | null): number {
    if (name === null) return NO_NAME;
    const known = this.places.get(name);
    if (known !== undefined) return known;
    this.places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
