import { TiebreakError } from '../../domain/errors.ts';

/**
 * Fetches the example beside the page, as if the user had chosen it.
 * @throws TiebreakError `page/example` if it cannot be fetched.
 */
export async function fetchExample(name: string): Promise<File> {
  try {
    const response = await fetch(new URL(name, document.baseURI));
    if (!response.ok) throw new Error(`status ${response.status}`);
    return new File([await response.blob()], name, { type: 'text/csv' });
  } catch (cause) {
    throw new TiebreakError('page/example', { place: { file: name }, cause });
  }
}
