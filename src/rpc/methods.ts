/**
 * A worker's methods as its clients see them: each returns a promise, and whatever the method throws arrives as a
 * `TiebreakError` with code, place and action.
 */
export type Client<Api> = {
  readonly [Method in keyof Api]: Api[Method] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** Calls a method by its name; {@link Client} has checked name and arguments. */
type CallMethod = (method: string, args: unknown[]) => Promise<unknown>;

/**
 * A client whose methods all go through `call`. It answers to any name at run time: the types alone know which methods
 * the worker has, so no second list of them exists.
 */
export function clientOf<Api>(call: CallMethod): Client<Api> {
  const methods: Record<string, (...args: unknown[]) => Promise<unknown>> = {};
  return new Proxy(methods, {
    get(_, method) {
      // `await` reads `then` of a client to find out if it is a promise, so the client must not have one.
      if (typeof method === 'symbol' || method === 'then') return undefined;
      methods[method] ??= (...args) => call(method, args);
      return methods[method];
    },
  }) as unknown as Client<Api>;
}
