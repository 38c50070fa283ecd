import { type FieldProblem, problemText } from './data.ts';

const OTHER_TEMPLATE =
  'Use the template that the model’s authors publish as chat_template.jinja, or another model.';
const TEMPLATE_AGAIN = 'Fetch the file again, or name another template.';

/** English texts of errors, by their ids. */
export const chatErrors = {
  'chat/bad-messages': {
    message: ({ field, ...problem }: FieldProblem & { field: string | null }) =>
      `${field === null ? 'The line' : `Field ${field}`} is wrong: ${problemText(problem)}.`,
    action: 'Write {"messages": [{"role": "user", "content": "…"}, …]} in every line.',
  },
  'chat/bad-messages:json': {
    message: ({ reason }: { reason: string }) => `The line is not JSON: ${reason}.`,
    action: 'Write one JSON object per line.',
  },
  'chat/bad-messages:utf8': {
    message: 'The line is not valid UTF-8.',
    action: 'Save the file as UTF-8.',
  },
  'chat/no-template': {
    message: ({ folder }: { folder: string }) => `${folder} has no chat template.`,
    action:
      'Name one with --template FILE, or save the model’s as chat_template.jinja in this directory.',
  },
  'chat/bad-template-file': {
    message: 'chat_template is neither a text nor a list of named templates.',
    action: TEMPLATE_AGAIN,
  },
  'chat/bad-template-file:json': {
    message: 'The file is not JSON, so no chat template can be read from it.',
    action: TEMPLATE_AGAIN,
  },
  'chat/bad-template-file:object': {
    message: 'The file is not a JSON object, so no chat template can be read from it.',
    action: TEMPLATE_AGAIN,
  },
  'chat/bad-template-file:default': {
    message: ({ names }: { names: readonly string[] }) =>
      `None of the chat templates is named default. Found: ${names.join(', ')}.`,
    action: 'Save the template that fits as chat_template.jinja beside this file.',
  },
  'chat/bad-template-file:size': {
    message: ({ bytes, most }: { bytes: number; most: number }) =>
      `The file has ${bytes} bytes; a chat template is read from files of up to ${most}.`,
    action: TEMPLATE_AGAIN,
  },
  'chat/no-room': {
    message: ({ maxLength, needed }: { maxLength: number; needed: number }) =>
      `A text may have ${maxLength} tokens, but the marks of the chat template alone are ${needed}.`,
    action: 'Raise max_length.',
  },
  'chat/template-too-long': {
    message: ({ length, most }: { length: number; most: number }) =>
      `The chat template has ${length} characters; ${most} are allowed.`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-too-long:space': {
    message: ({ most }: { most: number }) =>
      `The chat template has more than ${most} spaces or line breaks in a row.`,
    action: 'Remove them from the template.',
  },
  'chat/bad-template': {
    message: ({ reason }: { reason: string }) => `The chat template cannot be read: ${reason}.`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-raised': {
    message: ({ reason }: { reason: string }) =>
      `The chat template refuses this conversation: ${reason}`,
    action: 'Change the conversation, or leave it out.',
  },
  'chat/template-failed': {
    message: ({ reason }: { reason: string }) => `The chat template fails: ${reason}.`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-work': {
    message: ({ most }: { most: number }) =>
      `The chat template was stopped after ${most} steps: it may never end.`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-work:depth': {
    message: ({ most }: { most: number }) =>
      `The chat template was stopped: its calls and expressions are nested more than ${most} deep.`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-output': {
    message: ({ most }: { most: number }) =>
      `The chat template was stopped: it makes a text or list of more than ${most} characters.`,
    action: OTHER_TEMPLATE,
  },
};
