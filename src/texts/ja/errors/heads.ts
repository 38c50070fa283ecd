import type { headsErrors as english } from '../../en/errors/heads.ts';
import type { ErrorTextsOf } from '../../errors.ts';

const OTHER_TOKENS =
  '別のトークンを指定してください。テキストがどの ID に分かれるかは「npm run tokens」で分かります。「+」でつないだ ID は 1 つの判定として数えます。';
const ONE_OR_TWO = '線形層が 1 つか 2 つのヘッドを使ってください。';

/** Japanese texts of errors about the heads of models, by their ids. */
export const headsErrors: ErrorTextsOf<typeof english> = {
  'model/no-score:causal': {
    message: ({ architecture }) =>
      `チェックポイントは因果言語モデル（${architecture}）で、スコアヘッドがありません。`,
    action:
      '「npm run build-model -- --verdict-tokens」で判定のトークンを指定するか、modules_to_save=["score"] で学習したアダプターを指定してください。',
  },
  'model/verdict:head': {
    message: ({ adapter }) =>
      `${adapter === null ? 'チェックポイント' : `アダプター ${adapter} `}にスコアヘッドがあるので、判定のトークンをヘッドにすることはできません。`,
    action: '判定のトークンの指定をやめるか、スコアヘッドのない因果言語モデルを指定してください。',
  },
  'model/verdict:vocabulary': {
    message: ({ token, most }) =>
      `判定のトークン ${token} は語彙の範囲外です。ID は 0 から ${most} までです。`,
    action: OTHER_TOKENS,
  },
  'model/verdict:tokens': {
    message: ({ most }) => `判定に同じトークンが 2 回あるか、トークンが ${most} 個を超えています。`,
    action: '各トークンを 1 回だけ指定してください。',
  },
  'model/verdict:count': {
    message: ({ verdicts, most }) =>
      `判定が ${verdicts} 個あります。ヘッドの判定は ${most} 個までです。`,
    action: '同じ意味のトークンは、11+12,57,301 のように「+」でつないでください。',
  },
  'model/verdict:text': {
    message: ({ text, pieces }) =>
      `判定「${text}」は 1 つのトークンではなく、${pieces.length} 個に分かれます（${pieces.join('、')}）。`,
    action:
      '1 つのトークンになるテキストを選んでください。単語の前の空白は、トークンに含まれることがあります。',
  },
  'model/no-lm-head': {
    message: ({ tensor }) =>
      `チェックポイントに ${tensor} がありません。config.json によれば、その行は埋め込みの行と共有されていません（tie_word_embeddings）。`,
    action: '因果言語モデルの完全なチェックポイントを使ってください。',
  },
  'model/head-activation': {
    message: ({ tensor }) =>
      `ヘッドには層が 2 つありますが（${tensor}）、その間の活性化関数がチェックポイントから分かりません。`,
    action:
      '学習に使った活性化関数を「npm run build-model -- --head-activation relu」、「gelu」、「gelu-tanh」のいずれかで指定してください。',
  },
  'model/head-activation:linear': {
    message: 'ヘッドは 1 つの線形層なので、活性化関数はありません。',
    action: '--head-activation の指定をやめてください。',
  },
  'model/shape:head': {
    message: ({ tensor, dtype, shape, expected }) =>
      `ヘッドがモデルに合いません。${tensor} は ${dtype} [${shape.join(', ')}] ですが、実数の [${expected.join(', ')}] でなければなりません。`,
    action: '同じモデルの config.json とヘッドを使ってください。',
  },
  'model/unsupported:head': {
    message: ({ tensor }) =>
      `このモデルは実行できません。ヘッドの ${tensor} が、行列とそのバイアスになっていません。`,
    action: ONE_OR_TWO,
  },
  'model/unsupported:head-layers': {
    message: ({ root, layers }) =>
      `このモデルは実行できません。ヘッド ${root} に線形層が ${layers} 個あります。`,
    action: ONE_OR_TWO,
  },
  'model/unsupported:two-heads': {
    message: ({ tensor }) =>
      `このモデルは実行できません。ヘッドが 2 つあります（2 つ目は ${tensor}）。`,
    action: '使うヘッドだけを残して、チェックポイントを保存し直してください。',
  },
  'adapter/mismatch:head': {
    message: ({ layers }) => `一緒に使うヘッドの層の数が一致しません（${layers.join('、')}）。`,
    action: 'ヘッドの種類ごとに別のパッケージを作ってください。',
  },
  'adapter/mismatch:head-names': {
    message: ({ tensors }) =>
      `一緒に使うヘッドが別々のトークンを読みます（${tensors.join('、')}）。`,
    action: 'ヘッドの種類ごとに別のパッケージを作ってください。',
  },
  'package/head': {
    message: ({ model, adapter, kind }) =>
      `${adapter === null ? model : `${model} のアダプター ${adapter} `}のヘッドが、マニフェストにある種類「${kind}」ではありません。`,
    action: '「npm run build-model」でパッケージを作り直してください。',
  },
};
