/** Waits for a server to answer, for at most two minutes. @throws Error if it does not. */
export async function reachable(url: string): Promise<void> {
  for (let tries = 0; tries < 240; tries += 1) {
    if (
      await fetch(url).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`${url} does not answer`);
}
