/**
 * Makes one value for each key, with its first use: a store that comes with the script of its screen and outlives the
 * screen, which is taken down while another one is shown. It lasts as long as the key.
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
