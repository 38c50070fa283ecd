import type { modelErrors as english } from '../../en/errors/model.ts';
import type { ErrorTextsOf } from '../../errors.ts';
import { FETCH_AGAIN, FORMATS } from './actions.ts';

const modelNoScore = {
  message: 'チェックポイントにもアダプターにもスコアヘッド（score）がありません。',
  action: 'modules_to_save=["score"] で学習したアダプターを選んでください。',
};
const modelQuantization = {
  message: 'この量子化はこのチェックポイントには使えません。',
  action: '別の量子化か、埋め込みの型を選んでください。',
};
const modelMissingTensor = {
  message: 'チェックポイントに足りないテンソルがあります。',
  action: 'シャードがそろった Gemma-2 のチェックポイントを使ってください。',
};
const modelUnsupported = {
  message: 'このモデルには対応していません。',
  action: 'Gemma-2 のシーケンス分類モデル（2B、9B、27B など）を使ってください。',
};
const modelShape = {
  message: 'テンソルの形状が config.json と合いません。',
  action: '同じモデルのファイルがそろっているか確認してください。',
};
const modelNan = {
  message: 'チェックポイントに数値でない値があります。',
  action: 'チェックポイントが壊れています。取得し直してください。',
};

/** Japanese texts of errors, by their ids. */
export const modelErrors: ErrorTextsOf<typeof english> = {
  'model/no-score:adapter': modelNoScore,
  'model/quantization': modelQuantization,
  'model/no-score': modelNoScore,
  'adapter/unsupported': {
    message: 'このアダプターが使う機能には対応していません。',
    action: '通常の LoRA とスコアヘッドとして学習または書き出してください。',
  },
  'adapter/nan': {
    message: 'アダプターに数値でない値があります。',
    action: 'アダプターが壊れているか、学習が発散しています。',
  },
  'adapter/mismatch': {
    message: 'アダプターがベースモデルに合いません。',
    action: 'アダプターを学習したベースモデルを選んでください。',
  },
  'model/missing-tensor:state': modelMissingTensor,
  'model/bnb-state': {
    message: 'bitsandbytes の量子化情報が読めません。',
    action: 'チェックポイントが壊れています。取得し直してください。',
  },
  'model/unsupported:blocks': modelUnsupported,
  'model/shape:codes': modelShape,
  'model/shape:state': modelShape,
  'model/nan:scale': modelNan,
  'model/index': {
    message: 'チェックポイントの索引が正しくありません。',
    action: '別のチェックポイントが混ざっている可能性があります。取得し直してください。',
  },
  'model/missing-tensor:shard': modelMissingTensor,
  'model/missing-tensor': modelMissingTensor,
  'model/shape': modelShape,
  'model/nan': modelNan,
  'model/unsupported': modelUnsupported,
  'model/unsupported:architecture': modelUnsupported,
  'model/quantization:embedding': modelQuantization,
  'model/format': {
    message: ({ file, format }) =>
      `${file} は${FORMATS[String(format)]}です。読み込めるのは safetensors だけです。`,
    action: ({ format }) =>
      format === 'pytorch'
        ? 'safetensors 版を使うか、Transformers か PEFT で読み込み、save_pretrained("new-folder") で safetensors として保存してください。'
        : '元のチェックポイントのフォルダー（config.json と model.safetensors、または分割された safetensors とその index）を使ってください。',
  },
  'safetensors/bad': { message: 'safetensors ファイルが使えません。', action: FETCH_AGAIN },
};
