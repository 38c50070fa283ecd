/** Marks a row without a name. */
export const NO_NAME = 0xffff_ffff;

/** A column of names, each stored once. */
export interface Names {
  names: string[];
  /** [rows]: index in `names`, or {@link NO_NAME}. */
  of: Uint32Array<ArrayBuffer>;
}

/** The name of a row; null if it has none. */
export function nameOf({ names, of }: Names, row: number): string | null {
  return names[of[row]!] ?? null;
}

/** Distinct names in the order of their first occurrence. */
export class NameList {
  readonly names: string[] = [];
  private readonly places = new Map<string, number>();

  /** Returns the index of a name, adding a new one; {@link NO_NAME} for null. */
  place(name: string | null): number {
    if (name === null) return NO_NAME;
    const known = this.places.get(name);
    if (known !== undefined) return known;
    this.places.set(name, this.names.length);
    return this.names.push(name) - 1;
  }
}
