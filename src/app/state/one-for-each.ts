/**
 * Makes one value for each key at its first use. It suits a store whose script arrives with its screen, and which must
 * outlive the screen, since a hidden screen is unmounted. The value lives as long as the key.
 */
export function oneForEach<K extends object, A extends unknown[], T extends object>(
  make: (key: K, ...others: A) => T,
): (key: K, ...others: A) => T {
  const made = new WeakMap<K, T>();
  return (key, ...others) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key, ...others);
    made.set(key, value);
    return value;
  };
}
