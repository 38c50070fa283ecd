import type { TextTokenizer } from '../tokenizer.ts';
import {
  type ChatTemplate,
  type ChatTemplateOptions,
  compileChatTemplate,
} from './chat-template.ts';
import { conversationOf } from './conversation.ts';

/** A model's chat template. */
export interface ChatTemplateSource {
  /** The text of `chat_template.jinja`. */
  source: string;
  /** The day that the template takes for today, YYYY-MM-DD. */
  date: string;
}

/** The texts of BOS and EOS, where a tokenizer has them. */
type SpecialTokens = Omit<ChatTemplateOptions, 'date'>;

/** The special tokens of a tokenizer, for its template. */
export function specialTokens({
  bos,
  eos,
  piece,
}: Pick<TextTokenizer, 'bos' | 'eos' | 'piece'>): SpecialTokens {
  const token = (id: number | undefined) => (id === undefined ? undefined : piece(id));
  return { bosToken: token(bos), eosToken: token(eos) };
}

/**
 * Compiles a template with a model's special tokens, and renders a conversation of two rounds, so that a
 * template that refuses what Tiebreak gives it is found before a run.
 * @throws TiebreakError as `compileChatTemplate` and `ChatTemplate.render`.
 */
export function compileForModel(
  { source, date }: ChatTemplateSource,
  tokens: SpecialTokens,
): ChatTemplate {
  const template = compileChatTemplate(source, { ...tokens, date });
  template.render(conversationOf(['Hello.', 'Who are you?'], ['Hello!', 'A chatbot.']));
  return template;
}
