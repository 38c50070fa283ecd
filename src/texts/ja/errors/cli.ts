import type { cliErrors as english } from '../../en/errors/cli.ts';
import type { ErrorTextsOf } from '../../errors.ts';

/** Japanese texts of errors, by their ids. */
export const cliErrors: ErrorTextsOf<typeof english> = {
  'cli/usage': {
    message: ({ problem }) => `コマンドの使い方が正しくありません：${problem}`,
    action: '--help で使い方を確認してください。',
  },
  'evaluate/no-rows': {
    message: ({ total, leftOut, unread }) =>
      `${total} 行のうち評価できる行がありません。--judge または --split で除かれた行が ${leftOut} 行、使えない行が ${unread} 行です。`,
    action: 'これらのオプションを変えるか、別のファイルを選んでください。',
  },
  'cli/tokens:not-rows': {
    message: 'トークンの行の JSON 配列ではありません。',
    action: 'npm run tokens が書き出したファイルを使ってください。',
  },
  'cli/tokens:row': {
    message: '行がトークン ID の配列ではありません。',
    action: '各行を数値のリストとして書いてください。',
  },
  'cli/tokens:id': {
    message: ({ position, found, most }) =>
      `${position} 番目のトークンが ${found} です。0 ～ ${most} の整数でなければなりません。`,
    action: 'このモデルについて npm run tokens が書き出したトークンを使ってください。',
  },
};
