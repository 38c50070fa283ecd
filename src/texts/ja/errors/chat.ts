import type { chatErrors as english } from '../../en/errors/chat.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { problemText } from './data.ts';

const OTHER_TEMPLATE =
  'モデルの作者が chat_template.jinja として公開しているテンプレートか、別のモデルを使ってください。';
const TEMPLATE_AGAIN = 'ファイルを取得し直すか、別のテンプレートを指定してください。';

/** Japanese texts of errors, by their ids. */
export const chatErrors: ErrorTextsOf<typeof english> = {
  'chat/bad-messages': {
    message: ({ field, ...problem }) =>
      `${field === null ? '行' : `フィールド ${field} `}が正しくありません。${problemText(problem)}。`,
    action: 'どの行も {"messages": [{"role": "user", "content": "…"}, …]} の形で書いてください。',
  },
  'chat/bad-messages:json': {
    message: ({ reason }) => `行が JSON ではありません（${reason}）。`,
    action: '1 行に 1 つの JSON オブジェクトを書いてください。',
  },
  'chat/bad-messages:utf8': {
    message: '行が正しい UTF-8 ではありません。',
    action: 'ファイルを UTF-8 で保存してください。',
  },
  'chat/no-template': {
    message: ({ folder }) => `${folder} にチャットテンプレートがありません。`,
    action:
      '--template FILE で指定するか、モデルのテンプレートを chat_template.jinja としてこのフォルダーに保存してください。',
  },
  'chat/bad-template-file': {
    message: 'chat_template が文字列でも、名前付きテンプレートのリストでもありません。',
    action: TEMPLATE_AGAIN,
  },
  'chat/bad-template-file:json': {
    message: 'ファイルが JSON ではないため、チャットテンプレートを読み取れません。',
    action: TEMPLATE_AGAIN,
  },
  'chat/bad-template-file:object': {
    message: 'ファイルが JSON オブジェクトではないため、チャットテンプレートを読み取れません。',
    action: TEMPLATE_AGAIN,
  },
  'chat/bad-template-file:default': {
    message: ({ names }) =>
      `default という名前のチャットテンプレートがありません。見つかった名前：${names.join(', ')}。`,
    action: '使うテンプレートを chat_template.jinja として同じフォルダーに保存してください。',
  },
  'chat/bad-template-file:size': {
    message: ({ bytes, most }) =>
      `ファイルは ${bytes} バイトです。チャットテンプレートを読み取れるのは ${most} バイトまでのファイルです。`,
    action: TEMPLATE_AGAIN,
  },
  'chat/no-room': {
    message: ({ maxLength, needed }) =>
      `テキストの上限は ${maxLength} トークンですが、チャットテンプレートの記号だけで ${needed} トークンあります。`,
    action: 'max_length を大きくしてください。',
  },
  'chat/template-too-long': {
    message: ({ length, most }) =>
      `チャットテンプレートが ${length} 文字あります。${most} 文字まで読めます。`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-too-long:space': {
    message: ({ most }) =>
      `チャットテンプレートに空白や改行が ${most} 文字を超えて連続しています。`,
    action: 'テンプレートから取り除いてください。',
  },
  'chat/bad-template': {
    message: ({ reason }) => `チャットテンプレートを読み取れません（${reason}）。`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-raised': {
    message: ({ reason }) => `チャットテンプレートがこの会話を拒否しました：${reason}`,
    action: '会話を直すか、除いてください。',
  },
  'chat/template-failed': {
    message: ({ reason }) => `チャットテンプレートの実行に失敗しました（${reason}）。`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-work': {
    message: ({ most }) =>
      `チャットテンプレートが終わらない可能性があるため、${most} ステップで止めました。`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-work:depth': {
    message: ({ most }) =>
      `チャットテンプレートの呼び出しや式の入れ子が ${most} 段を超えたため、止めました。`,
    action: OTHER_TEMPLATE,
  },
  'chat/template-output': {
    message: ({ most }) =>
      `チャットテンプレートが ${most} 文字を超える文字列かリストを作ろうとしたため、止めました。`,
    action: OTHER_TEMPLATE,
  },
};
