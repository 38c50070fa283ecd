import { TiebreakError } from '../domain/errors.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import { findChatTemplate } from '../tokens/chat/template-source.ts';

/** Files of a model's folder in which its chat template may be. */
const TEMPLATE_FILES = {
  jinja: 'chat_template.jinja',
  json: 'chat_template.json',
  tokenizerConfig: 'tokenizer_config.json',
} as const;

/**
 * Reads the source of a model's chat template from its folder; null if the folder has none.
 * @throws TiebreakError `chat/bad-template-file`, and the errors of the folder.
 */
export async function readChatTemplate(files: PackageFiles): Promise<string | null> {
  const [jinja, json, tokenizerConfig] = await Promise.all([
    optionalText(files, TEMPLATE_FILES.jinja),
    optionalText(files, TEMPLATE_FILES.json),
    optionalText(files, TEMPLATE_FILES.tokenizerConfig),
  ]);
  return findChatTemplate({ jinja, json, tokenizerConfig });
}

async function optionalText(files: PackageFiles, path: string): Promise<string | null> {
  try {
    return await readText(files, path);
  } catch (error) {
    if (error instanceof TiebreakError && error.code === 'storage/missing') return null;
    throw error;
  }
}
