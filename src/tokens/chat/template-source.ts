import { TiebreakError } from '../../domain/errors.ts';

/** Contents of the files that may hold a chat template; null for one that a folder lacks. */
export interface TemplateFiles {
  /** `chat_template.jinja`, which Transformers has written since 2025. */
  jinja: string | null;
  /** `chat_template.json`, which processors of earlier versions wrote. */
  json: string | null;
  /** `tokenizer_config.json`. */
  tokenizerConfig: string | null;
}

/**
 * The source of a model's chat template: the file `chat_template.jinja`, else the field `chat_template` of
 * `chat_template.json`, else that of `tokenizer_config.json`. Such a field is a text, or a list of named templates, of
 * which the one named `default` counts.
 * @returns null if there is no template.
 * @throws TiebreakError `chat/bad-template-file` for a file of another shape.
 */
export function findChatTemplate({ jinja, json, tokenizerConfig }: TemplateFiles): string | null {
  return (
    jinja ??
    templateIn('chat_template.json', json) ??
    templateIn('tokenizer_config.json', tokenizerConfig)
  );
}

function templateIn(file: string, text: string | null): string | null {
  if (text === null) return null;
  const place = { file };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new TiebreakError('chat/bad-template-file:json', { place, cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TiebreakError('chat/bad-template-file:object', { place });
  }
  const field = 'chat_template' in value ? value.chat_template : null;
  if (field === null || typeof field === 'string') return field;
  if (!Array.isArray(field) || !field.every(isNamed)) {
    throw new TiebreakError('chat/bad-template-file', { place });
  }
  const chosen = field.find(({ name }) => name === 'default');
  if (chosen !== undefined) return chosen.template;
  const names = field.map(({ name }) => name);
  throw new TiebreakError('chat/bad-template-file:default', { place, params: { names } });
}

function isNamed(value: unknown): value is { name: string; template: string } {
  const { name, template } = (value ?? {}) as Record<string, unknown>;
  return typeof name === 'string' && typeof template === 'string';
}
