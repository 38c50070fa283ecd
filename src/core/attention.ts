/** What decides the size of attention scores. */
export interface AttentionShape {
  numHeads: number;
  numKeyValueHeads: number;
}

/**
 * Into how many groups the heads can be split so that each group is a product of its own, ascending: a group has whole
 * key/value heads, or a part of the query heads of one.
 */
export function headGroupChoices({ numHeads, numKeyValueHeads }: AttentionShape): number[] {
  const shared = numHeads / numKeyValueHeads;
  const choices: number[] = [];
  for (let groups = 1; groups <= numHeads; groups += 1) {
    const heads = numHeads / groups;
    if (!Number.isInteger(heads)) continue;
    if (heads % shared === 0 || shared % heads === 0) choices.push(groups);
  }
  return choices;
}

/**
 * The smallest number of groups with which attention scores fit into a buffer; the largest there is when none does.
 * @param bytes of the scores of all heads.
 */
export function headGroups(choices: readonly number[], bytes: number, maxBytes: number): number {
  return choices.find((groups) => bytes / groups <= maxBytes) ?? choices.at(-1) ?? 1;
}
