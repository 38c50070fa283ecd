import * as v from 'valibot';
import { type ErrorPlace, errorAt } from '../../domain/errors.ts';
import { schemaIssue } from '../../domain/schema-issue.ts';

/** One message of a conversation, as chat templates receive it. */
export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

const Conversation = v.object({
  messages: v.pipe(
    v.array(v.object({ role: v.picklist(['system', 'user', 'assistant']), content: v.string() })),
    v.minLength(1),
  ),
});

/** Joins turns that have to share one message. */
const BETWEEN_TURNS = '\n\n';

/**
 * The messages of a prompt and one of its answers, from the user's first turn to the assistant's last: turn i of the
 * prompt is a user message, turn i of the answer the assistant's. Where one has more turns than the other, its surplus
 * turns join the last message of its own, since templates want roles to alternate; where one has no turns, its message
 * is empty.
 */
export function conversationOf(
  prompt: readonly string[],
  answer: readonly string[],
): ChatMessage[] {
  const rounds = Math.max(1, Math.min(prompt.length, answer.length));
  const users = fold(prompt, rounds);
  const assistants = fold(answer, rounds);
  return users.flatMap((content, i): ChatMessage[] => [
    { role: 'user', content },
    { role: 'assistant', content: assistants[i]! },
  ]);
}

/** Turns as `rounds` texts: those from the last round on are joined. */
function fold(turns: readonly string[], rounds: number): string[] {
  const last = turns.slice(rounds - 1).join(BETWEEN_TURNS);
  return [...turns.slice(0, rounds - 1), last];
}

/**
 * Reads a line `{"messages": [{"role", "content"}, …]}`. Other fields are ignored.
 * @param place the file and line, for errors.
 * @throws TiebreakError `chat/bad-messages`
 */
export function parseConversation(line: string, place: ErrorPlace): ChatMessage[] {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw errorAt(place, 'chat/bad-messages:json', { reason: (cause as Error).message });
  }
  const parsed = v.safeParse(Conversation, value, { abortEarly: true });
  if (!parsed.success) throw errorAt(place, 'chat/bad-messages', schemaIssue(parsed.issues[0]));
  return parsed.output.messages;
}
