import type { FoundGpu } from '../../engine/device/gpus.ts';
import type { ModelRequest } from './model-request.ts';

/** Bytes of a GPU that may be used; null: as much as there is. */
export function budgetOf({ budgets }: ModelRequest, { name }: FoundGpu): number | null {
  return budgets?.[name] ?? null;
}

/** A request with no more room on the first GPU than there turned out to be. */
export function withRoom(
  request: ModelRequest,
  [first]: readonly FoundGpu[],
  foundRoom: number | null,
): ModelRequest {
  if (foundRoom === null || first === undefined) return request;
  const room = Math.min(budgetOf(request, first) ?? foundRoom, foundRoom);
  return { ...request, budgets: { ...request.budgets, [first.name]: room } };
}
