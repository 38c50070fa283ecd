import { describe, expect, test } from 'vitest';
import { TiebreakError } from '../../../src/domain/errors.ts';
import { compileChatTemplate } from '../../../src/tokens/chat/chat-template.ts';
import type { ChatMessage } from '../../../src/tokens/chat/conversation.ts';
import { MOST_DEPTH } from '../../../src/tokens/chat/work-meter.ts';
import { chatTemplateOf } from '../../../testing/chat-reference.ts';
import { cpuClock } from '../../../testing/cpu-time.ts';

const MESSAGES: ChatMessage[] = [
  { role: 'user', content: '  Hi 😀 there\n' },
  { role: 'assistant', content: '\nHello.' },
];

function render(source: string, messages = MESSAGES, date = '2024-07-26'): string {
  return compileChatTemplate(source, { bosToken: '<s>', date }).render(messages);
}

function errorOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof TiebreakError) return thrown;
    throw thrown;
  }
  return { code: 'none', message: '' };
}

describe('a chat template gets', () => {
  test.each([
    ['special tokens', '{{ bos_token }}{{ eos_token is defined }}', '<s>False'],
    ['a date as text', '{{ date_string }}', '26 Jul 2024'],
    ['the pinned date as now', '{{ strftime_now("%d %b %Y, %A %-d %B %y %H:%M %%") }}', /^26 Jul/],
    ['no tools', '{{ tools is none and documents is none }}', 'True'],
    ['no generation prompt', '{{ add_generation_prompt }}', 'False'],
    ['range', '{{ range(3)|join }}{{ range(5, 1, -2)|join(",") }}', '0125,3'],
  ])('%s', (_, source, expected) => {
    if (typeof expected === 'string') expect(render(source)).toBe(expected);
    else expect(render(source)).toMatch(expected);
  });

  test('English names of days and months, whatever the language', () => {
    const source = '{{ strftime_now("%a %A %b %B %j") }}';
    expect(render(source, MESSAGES, '2026-03-01')).toBe('Sun Sunday Mar March 060');
    expect(render('{{ strftime_now("%-d.%-m.%y") }}', MESSAGES, '2026-03-01')).toBe('1.3.26');
  });

  test.each(['2024-02-30', '26 Jul 2024', '2024-7-26'])('no date like %s', (date) => {
    expect(() => compileChatTemplate('', { date })).toThrow(RangeError);
  });
});

// The expected texts are those of Jinja2 3.1.
describe('a chat template means what it means in Python', () => {
  const quoted = (text: string) => `{% set x = ${JSON.stringify(text)} %}`;
  test.each([
    [`${quoted('\n\n a \n')}{{ x.lstrip("\\n") }}|`, ' a \n|'],
    [
      `${quoted('xyaxy')}{{ x.strip("yx") }}|{{ x.rstrip("y") }}|{{ x.lstrip("b") }}`,
      'a|xyax|xyaxy',
    ],
    [`${quoted('😀a😀')}{{ x.strip("😀") }}`, 'a'],
    ['{{ "\u0085\u001d\ufeffa\u00a0\u3000" | trim }}', '\ufeffa'],
    ['{{ "--a--" | trim("-") }}', 'a'],
    ['{% filter trim %}  a {{ 1 }}  {% endfilter %}', 'a 1'],
    [
      '{{ " a  b c ".split()|join("|") }} {{ " a  b c ".split(none, 1)|join("|") }}',
      'a|b|c a|b c ',
    ],
    [
      '{{ "a,b,c".split(",", 1)|join("|") }} {{ "a,b,c".split(",", maxsplit=0)|join }}',
      'a|b,c a,b,c',
    ],
    ['{{ "aXbXc".replace("X", "$&", 1) }} {{ "ab" | replace("", "-") }}', 'a$&bXc -a-b-'],
    ['{{ "hELLO wORLD" | capitalize }} {{ "hELLO wORLD".title() }}', 'Hello world Hello World'],
    [
      `{{ "it's o-k ab1CD" | title }} {{ "it's o-k ab1CD".title() }}`,
      "It's O-K Ab1cd It'S O-K Ab1Cd",
    ],
    ['{{ "😀a" | length }}{{ [1, 2] | count }}', '22'],
    ['{{ true }} {{ none }} {{ 1.0 }} {{ true ~ 1 }} {{ missing }}', 'True None 1.0 True1 '],
    [
      '{{ "1" == 1 }} {{ 1 == 1.0 }} {{ true == 1 }} {{ none == missing }}',
      'False True True False',
    ],
    ['{{ [1, "a"] == [1, "a"] }} {{ {"a": 1} != {"a": 2} }}', 'True True'],
    [
      '{{ [1] in [[1]] }} {{ "1" in [1] }} {{ "a" in "cat" }} {{ "a" not in {"b": 1} }}',
      'True False True True',
    ],
    ['{{ -1 % 2 }} {{ 5 % 3 }} {{ -1.5 % 1 }}', '1 2 0.5'],
    ['a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n', 'a\nb\n'],
  ])('%s', (source, expected) => {
    expect(render(source)).toBe(expected);
  });

  test('loops over messages see only themselves', () => {
    const source =
      "{% for m in messages if m.role != 'system' %}{{ loop.index0 % 2 == 0 }}{{ m['content'] | trim }}{% endfor %}";
    expect(render(source)).toBe('TrueHi 😀 thereFalseHello.');
  });
});

describe('a chat template that goes wrong', () => {
  test.each([
    ['unclosed block', '{% if true %}', 'chat/bad-template'],
    ['unclosed text', '{{ "a }}', 'chat/bad-template'],
    ['too many parentheses', `{{ ${'('.repeat(90_000)} }}`, 'chat/bad-template'],
    ['a megabyte', 'a'.repeat(1_000_000), 'chat/template-too-long'],
    ['spaces', `{{ 1 }}${' '.repeat(100_000)}`, 'chat/template-too-long'],
    ['an unknown function', '{{ open("/etc/passwd") }}', 'chat/template-failed'],
    ['an unknown filter', '{{ messages | pprint }}', 'chat/template-failed'],
    ['a name of JavaScript', '{{ messages | constructor }}', 'chat/template-failed'],
    ['a list as text', '{{ messages }}', 'chat/template-failed'],
    ['an unknown directive', '{{ strftime_now("%Q") }}', 'chat/template-failed'],
    [
      'a namespace in itself',
      '{% set n = namespace() %}{% set n.n = n %}{{ n.n }}',
      'chat/template-failed',
    ],
    ['a huge filter argument', '{{ "a\na" | indent(100000000) }}', 'chat/template-failed'],
  ])('%s', (_, source, code) => {
    expect(errorOf(() => render(source)).code).toBe(code);
  });

  test('tells in its own words why it refuses messages', () => {
    const error = errorOf(() => render("{{ raise_exception('No ' + messages[0].role) }}"));
    expect(error).toMatchObject({
      code: 'chat/template-raised',
      message: 'The chat template refuses this conversation: No user',
    });
  });

  test('refuses roles that do not alternate, as Gemma’s own template does', () => {
    const source =
      "{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate') }}{% endif %}{{ m['content'] }}{% endfor %}";
    const twice: ChatMessage[] = [MESSAGES[0]!, MESSAGES[0]!];
    expect(errorOf(() => render(source, twice)).code).toBe('chat/template-raised');
    expect(render(source)).toContain('Hello.');
  });
});

describe('a hostile chat template ends soon', () => {
  const nested = '{% for a in range(999) %}'.repeat(5) + '{% endfor %}'.repeat(5);
  const doubled = (start: string, step: string, end: string) =>
    `{% set n = namespace(x=${start}) %}{% for i in range(60) %}{% set n.x = ${step} %}{% endfor %}${end}`;
  const long = 'x'.repeat(1000);
  const megabyte = `{% set x = "${long}" %}${'{% set x = x + x %}'.repeat(9)}`;
  test.each([
    ['loops', nested, 'work'],
    ['a long range', '{% for i in range(1000000000) %}{% endfor %}', 'work'],
    ['macros that call themselves', '{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}', 'work'],
    [
      'macros that branch',
      '{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}',
      'work',
    ],
    ['deep expressions', `{{ ${'not '.repeat(MOST_DEPTH)} true }}`, 'work'],
    ['texts that double', doubled('"x"', 'n.x + n.x', '{{ n.x }}'), 'output'],
    ['texts that double by ~', doubled('"x"', 'n.x ~ n.x', '{{ n.x }}'), 'output'],
    ['lists that double', doubled('[1]', 'n.x + n.x', '{{ n.x }}'), 'output'],
    ['lists of lists', doubled('[1]', '[n.x, n.x]', '{{ n.x | tojson }}'), 'output'],
    ['mappings of mappings', doubled('{}', '{"a": n.x, "b": n.x}', '{{ n.x | tojson }}'), 'output'],
    ['replacing nothing', `${megabyte}{{ x.replace("", x) }}`, 'output'],
    ['joining with a long text', `${megabyte}{{ range(9999) | join(x) }}`, 'output'],
    ['printing megabytes', `{% for i in range(2000) %}${long}{% endfor %}`, 'output'],
    [
      'searching',
      `${megabyte}{% set y = "y" + x %}{% for i in range(9999) %}{{ y in x }}{% endfor %}`,
      'work',
    ],
    [
      'replacing',
      `${megabyte}{% for i in range(9999) %}{% set y = x.replace("x", "y") %}{% endfor %}`,
      'work',
    ],
    [
      'sorting',
      '{% set x = range(9999) %}{% for i in x %}{% set y = x | sort %}{% endfor %}',
      'work',
    ],
    [
      'comparing',
      '{% set x = range(9999) %}{% set y = range(9999) %}{% for i in x %}{{ x == y }}{% endfor %}',
      'work',
    ],
    ['slicing', `${megabyte}{% for i in range(9999) %}{{ x[1:3] }}{% endfor %}`, 'work'],
    ['stripping', `${megabyte}{% for i in range(9999) %}{{ x.strip("x") }}{% endfor %}`, 'work'],
    [
      'titles',
      `${megabyte}{% set y = x.replace("xx", "x ") %}{% for i in range(9999) %}{% set z = y.title() %}{% endfor %}`,
      'work',
    ],
    [
      'defining macros',
      `{% for i in range(9999) %}{% macro f() %}${'{{ 1 }}'.repeat(9999)}{% endmacro %}{% endfor %}`,
      'work',
    ],
  ])(
    '%s',
    (_, source, kind) => {
      const took = cpuClock();
      expect(errorOf(() => render(source)).code).toBe(`chat/template-${kind}`);
      expect(took()).toBeLessThan(10_000);
    },
    30_000,
  );

  test('while a long conversation passes', () => {
    const messages = Array.from(
      { length: 200 },
      (_, i): ChatMessage => ({
        role: i % 2 === 0 ? 'user' : 'assistant',
        content: '</think> words '.repeat(3000),
      }),
    );
    const { source } = chatTemplateOf('qwen3');
    expect(render(source, messages).length).toBeGreaterThan(4_000_000);
  });
});
