import { Environment } from '@huggingface/jinja';
import { TiebreakError } from '../../domain/errors.ts';
import type { ChatMessage } from './conversation.ts';
import { formatDate } from './date.ts';
import { BoundedInterpreter } from './interpreter.ts';
import { type Program, parseTemplate } from './program.ts';
import { WorkMeter } from './work-meter.ts';

/** Values that a template writes besides the conversation. */
export interface ChatTemplateOptions {
  /** The tokenizer's, where it has one. */
  bosToken?: string;
  eosToken?: string;
  /** The day that the template takes for today, YYYY-MM-DD. */
  date: string;
}

/** A compiled chat template. */
export interface ChatTemplate {
  /**
   * The text of a conversation. The same messages give the same text on every day and machine.
   * @throws TiebreakError `chat/template-raised` with the template's own words when it refuses the messages,
   * `chat/template-failed`, and at the bounds `chat/template-work` and `chat/template-output`.
   */
  render(messages: readonly ChatMessage[]): string;
}

/** Characters of a template's source. The longest of well-known models have 20,000. */
const LONGEST_SOURCE = 200_000;
/** White space in a row. The library's lexer takes time in proportion to its square. */
const LONGEST_SPACE = 1000;
const TOO_MUCH_SPACE = new RegExp(`\\s{${LONGEST_SPACE + 1}}`);
/** Bounds of a rendering, whatever the messages. A template takes some 50 steps a message. */
const MOST = { steps: 500_000, characters: 1_000_000 };
/** Added to them for each character of the messages, which a template may hold several times. */
const PER_CHARACTER = { steps: 1 / 8, characters: 4 };
/** Characters of the template's own error that are shown. */
const LONGEST_REASON = 500;

/**
 * Compiles a chat template, which is untrusted: rendering stops at fixed bounds on work and size. The template gets
 * `messages`, the special tokens, `date_string` and `strftime_now` of the given date, `add_generation_prompt` false
 * and, as in Transformers, `tools` and `documents` as none.
 * @throws TiebreakError `chat/bad-template` for a syntax error, `chat/template-too-long`; RangeError for a date of
 * another form.
 */
export function compileChatTemplate(source: string, options: ChatTemplateOptions): ChatTemplate {
  const dateString = formatDate(options.date, '%d %b %Y');
  const program = parsed(source);
  return {
    render: (messages) => {
      const size = messages.reduce((total, { content }) => total + content.length, 0);
      const meter = new WorkMeter({
        steps: MOST.steps + Math.ceil(size * PER_CHARACTER.steps),
        characters: MOST.characters + size * PER_CHARACTER.characters,
      });
      const environment = globals(options.date, meter);
      const { bosToken, eosToken } = options;
      const variables = {
        messages,
        tools: null,
        documents: null,
        add_generation_prompt: false,
        date_string: dateString,
        ...(bosToken !== undefined && { bos_token: bosToken }),
        ...(eosToken !== undefined && { eos_token: eosToken }),
      };
      for (const [name, value] of Object.entries(variables)) environment.set(name, value);
      return run(program, environment, meter);
    },
  };
}

function parsed(source: string): Program {
  if (source.length > LONGEST_SOURCE) {
    const params = { length: source.length, most: LONGEST_SOURCE };
    throw new TiebreakError('chat/template-too-long', { params });
  }
  if (TOO_MUCH_SPACE.test(source)) {
    throw new TiebreakError('chat/template-too-long:space', { params: { most: LONGEST_SPACE } });
  }
  try {
    return parseTemplate(source);
  } catch (cause) {
    const reason = shortReason(cause);
    throw new TiebreakError('chat/bad-template', { params: { reason }, cause });
  }
}

function run(program: Program, environment: Environment, meter: WorkMeter): string {
  try {
    return String(new BoundedInterpreter(environment, program, meter).run(program.root).value);
  } catch (thrown) {
    if (thrown instanceof TiebreakError) throw thrown;
    const reason = shortReason(thrown);
    throw new TiebreakError('chat/template-failed', { params: { reason }, cause: thrown });
  }
}

/** The functions and constants that Transformers gives to every template. */
function globals(date: string, meter: WorkMeter): Environment {
  const environment = new Environment();
  for (const [names, value] of [
    [['true', 'True'], true],
    [['false', 'False'], false],
    [['none', 'None'], null],
  ] as const) {
    for (const name of names) environment.set(name, value);
  }
  environment.set('strftime_now', (format: unknown) => formatDate(date, String(format)));
  environment.set('range', (...args: unknown[]) => range(args, meter));
  environment.set('raise_exception', (message: unknown) => {
    const reason = shortReason(message);
    throw new TiebreakError('chat/template-raised', { params: { reason } });
  });
  return environment;
}

/** Python's `range`. @throws TiebreakError when it is too long. */
function range(args: unknown[], meter: WorkMeter): number[] {
  const [first, second, step = 1] = args;
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const numbers = [start, stop, step];
  if (!numbers.every((each) => Number.isSafeInteger(each)) || step === 0) {
    throw new Error('range() needs whole numbers and a step that is not 0');
  }
  const [from, to, by] = numbers as [number, number, number];
  const length = Math.max(0, Math.ceil((to - from) / by));
  meter.charge(length);
  return Array.from({ length }, (_, i) => from + i * by);
}

function shortReason(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.slice(0, LONGEST_REASON);
}
