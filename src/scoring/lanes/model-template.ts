import { parseManifest } from '../../model/manifest.ts';
import { CHAT_TEMPLATE, MANIFEST } from '../../model/manifest-name.ts';
import { type PackageFiles, readText } from '../../storage/package-files.ts';
import type { ChatTemplateSource } from '../../tokens/chat/model-template.ts';

/**
 * Reads the chat template of a package.
 * @returns undefined if its rows are read in the notebook's template.
 * @throws TiebreakError if the manifest or the template cannot be read.
 */
export async function readModelTemplate(
  files: PackageFiles,
): Promise<ChatTemplateSource | undefined> {
  const { chat } = parseManifest(await readText(files, MANIFEST));
  return chat && { source: await readText(files, CHAT_TEMPLATE), date: chat.date };
}
