import { isDate } from '../../domain/date.ts';
import { asTiebreakError, errorAt, TiebreakError } from '../../domain/errors.ts';
import { readChatTemplate } from '../../import/chat-template.ts';
import { lines } from '../../storage/lines.ts';
import { NodeDirectory, NodeFileSource } from '../../storage/node-file.ts';
import { type ChatTemplate, compileChatTemplate } from '../../tokens/chat/chat-template.ts';
import { type ChatMessage, parseConversation } from '../../tokens/chat/conversation.ts';
import { DEFAULT_DATE } from '../../tokens/chat/date.ts';
import { specialTokens } from '../../tokens/chat/model-template.ts';
import type { TextTokenizer } from '../../tokens/tokenizer.ts';
import {
  EXIT,
  openTokenizer,
  printError,
  printLine,
  readTextFile,
  usageError,
} from '../terminal/common.ts';

/** Options of `npm run tokens -- --messages`, for `parseArgs`. */
export const MESSAGES_OPTIONS = {
  messages: { type: 'string' },
  tokenizer: { type: 'string' },
  template: { type: 'string' },
  'strip-bos': { type: 'boolean' },
  'chat-date': { type: 'string' },
} as const;

interface MessagesValues {
  messages: string;
  tokenizer?: string;
  template?: string;
  'strip-bos'?: boolean;
  'chat-date'?: string;
}

/**
 * Prints the text and the ids of each conversation of a file, one JSON object per line. Lines that cannot be read are
 * named on stderr.
 * @returns the exit code.
 * @throws TiebreakError for arguments, files, a tokenizer or a template that cannot be used.
 */
export async function printMessages(values: MessagesValues): Promise<number> {
  const { messages, tokenizer: folder, template: file } = values;
  if (folder === undefined) throw usageError('--messages needs --tokenizer DIR.');
  const date = values['chat-date'] ?? DEFAULT_DATE;
  if (!isDate(date)) {
    throw usageError(`--chat-date must be YYYY-MM-DD, not ${JSON.stringify(date)}.`);
  }
  const tokenizer = await openTokenizer(folder);
  const source = await templateSource(folder, file);
  const tokens = specialTokens(tokenizer);
  const template = compileChatTemplate(source, { ...tokens, date });
  const stripped = values['strip-bos'] ? (tokens.bosToken ?? '') : null;
  let code: number = EXIT.ok;
  for await (const conversation of conversations(messages)) {
    try {
      await printLine(JSON.stringify(tokenized(conversation(), template, tokenizer, stripped)));
    } catch (thrown) {
      printError(asTiebreakError(thrown));
      code = EXIT.failed;
    }
  }
  return code;
}

/** @throws TiebreakError `chat/no-template` */
async function templateSource(folder: string, file: string | undefined): Promise<string> {
  if (file !== undefined) return readTextFile(file);
  const source = await readChatTemplate(new NodeDirectory(folder));
  if (source !== null) return source;
  throw new TiebreakError('chat/no-template', { params: { folder } });
}

/**
 * The text of a conversation and its ids.
 * @param stripped the BOS to cut from the start of the text before the tokenizer adds its special tokens; null to add
 *   none.
 */
function tokenized(
  messages: ChatMessage[],
  template: ChatTemplate,
  tokenizer: TextTokenizer,
  stripped: string | null,
): { text: string; ids: number[] } {
  const text = template.render(messages);
  if (stripped === null) return { text, ids: tokenizer.encode(text) };
  const rest = text.startsWith(stripped) ? text.slice(stripped.length) : text;
  return { text, ids: tokenizer.encodeText(rest) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The conversations of a file, as functions that throw the error of their line. Blank lines are skipped. */
async function* conversations(path: string): AsyncGenerator<() => ChatMessage[]> {
  const source = await NodeFileSource.open(path);
  let row = 0;
  for await (const bytes of lines(source)) {
    row += 1;
    const place = { file: path, row };
    let text: string;
    try {
      text = utf8.decode(bytes);
    } catch {
      yield () => {
        throw errorAt(place, 'chat/bad-messages:utf8');
      };
      continue;
    }
    if (text.trim() !== '') yield () => parseConversation(text, place);
  }
}
