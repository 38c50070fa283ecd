/** One pair, seen closely. */
export default function ExplorerScreen() {
  return null;
}
