import { TiebreakError } from '../domain/errors.ts';
import { CHAT_TEMPLATE } from '../model/manifest-name.ts';
import { type PackageFiles, readText } from '../storage/package-files.ts';
import { DEFAULT_DATE } from '../tokens/chat/date.ts';
import { type ChatTemplateSource, compileForModel } from '../tokens/chat/model-template.ts';
import { findChatTemplate } from '../tokens/chat/template-source.ts';
import { parseTokenizer, tokenText } from '../tokens/tokenizer-json.ts';

/** Files of a model's folder in which its chat template may be. */
const TEMPLATE_FILES = {
  jinja: CHAT_TEMPLATE,
  json: 'chat_template.json',
  tokenizerConfig: 'tokenizer_config.json',
} as const;

/** Bytes of such a file; the largest tokenizer_config.json have a tenth. */
const LARGEST_FILE = 4e6;

/** Choices of a package's user about the conversations of a reward model. */
export interface ChatOptions {
  /** The text of a chat template. Default: that of the tokenizer's folder, else of the base. */
  chatTemplate?: string;
  /** The day that the template takes for today, YYYY-MM-DD. Default: {@link DEFAULT_DATE}. */
  chatDate?: string;
}

/**
 * Finds the chat template for a package, and renders a conversation with it.
 * @param folders the first in which there is one counts; so for tokenizer_config.json, which names BOS and EOS.
 * @returns null if there is none.
 * @throws TiebreakError `chat/…` for a template that cannot be used, and the errors of the folders.
 */
export async function findChat(
  folders: readonly PackageFiles[],
  { chatTemplate, chatDate: date = DEFAULT_DATE }: ChatOptions,
): Promise<ChatTemplateSource | null> {
  const source = chatTemplate ?? (await firstOf(folders, readChatTemplate));
  if (source === null) return null;
  const name = TEMPLATE_FILES.tokenizerConfig;
  const config = parseTokenizer(
    (await firstOf(folders, (files) => optionalText(files, name))) ?? '{}',
    name,
  );
  const bosToken = tokenText(config.bos_token);
  const eosToken = tokenText(config.eos_token);
  compileForModel({ source, date }, { bosToken, eosToken });
  return { source, date };
}

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

async function firstOf(
  folders: readonly PackageFiles[],
  read: (files: PackageFiles) => Promise<string | null>,
): Promise<string | null> {
  for (const files of folders) {
    const found = await read(files);
    if (found !== null) return found;
  }
  return null;
}

async function optionalText(files: PackageFiles, path: string): Promise<string | null> {
  try {
    const { size } = await files.open(path);
    if (size > LARGEST_FILE) {
      const params = { bytes: size, most: LARGEST_FILE };
      throw new TiebreakError('chat/bad-template-file:size', { params, place: { file: path } });
    }
    return await readText(files, path);
  } catch (error) {
    if (error instanceof TiebreakError && error.code === 'storage/missing') return null;
    throw error;
  }
}
