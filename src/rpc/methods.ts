/**
 * A worker's methods as they are called from outside: each answer is a promise, and what the method throws arrives as a
 * `TiebreakError` with code, place and action.
 */
export type Client<Api> = {
  readonly [Method in keyof Api]: Api[Method] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** Calls a method, which the types have checked, by its name. */
type CallMethod = (method: string, args: unknown[]) => Promise<unknown>;

/** An object that has every method. Types say which of them the worker has; nothing lists them a second time. */
export function clientOf<Api>(call: CallMethod): Client<Api> {
  const methods: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
  return new Proxy(methods, {
    get(_, method) {
      // A promise that resolves to a client looks whether it has `then`, as a promise would.
      if (typeof method === 'symbol' || method === 'then') return undefined;
      methods[method] ??= (...args) => call(method, args);
      return methods[method];
    },
  }) as unknown as Client<Api>;
}
