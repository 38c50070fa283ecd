/**
 * What several adapters say of themselves as one text: sentences that they share once, then each one's own behind its name.
 * Empty where none says anything.
 */
export function joinedNotices(
  adapters: readonly { name: string; notice: string | null }[],
): string {
  const said = adapters.flatMap(({ name, notice }) => (notice ? [{ name, notice }] : []));
  if (said.length < 2) return said[0]?.notice ?? '';
  const sentences = said.map(({ notice }) => notice.split(/(?<=\.)\s+/));
  const isShared = (sentence: string) =>
    sentences.filter((others) => others.includes(sentence)).length > 1;
  const shared = new Set(sentences.flat().filter(isShared));
  const own = said.flatMap(({ name }, i) => {
    const rest = sentences[i]!.filter((sentence) => !isShared(sentence));
    return rest.length === 0 ? [] : [`${name}: ${rest.join(' ')}`];
  });
  return [...shared, ...own].join(' ');
}
