import type { EngineInfo } from '../../../engine/engine.ts';
import { DEMO, DEMO_NOTICE } from '../../../texts/demo-facts.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { strings } from '../../i18n/strings.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { DemoCard } from './DemoCard.tsx';
import { ModelFacts, type ShownModel } from './ModelFacts.tsx';

/** The demo model on a CPU. Only the lengths of the texts count. */
const ENGINE: EngineInfo = {
  model: strings.model.heading,
  adapter: null,
  device: 'wasm',
  place: { kind: 'cpu', runtime: 'WebAssembly', threads: 2 },
  computesOn: '',
  gpu: null,
  executor: 'ort',
  variant: null,
  kernels: null,
  refusals: [],
  precision: 'float32',
  quantization: 'nf4',
  softCap: 50,
  layers: DEMO.layers,
  residentLayers: DEMO.layers,
  streamedBytes: 0,
  weightBytes: 1.9e6,
  adapterBytes: 0,
  peakBytes: null,
  selfTest: 1e-6,
  notice: null,
  notices: [],
};

const NOTICES = [{ name: 'demo', notice: `${DEMO_NOTICE.whole} ${DEMO_NOTICE.demo}` }];

const EXPECTED: ShownModel = {
  engine: ENGINE,
  adapters: [{ name: 'demo', notice: null }],
  baseHasHead: false,
};

/**
 * Holds the place of the facts of the model that is being loaded, so that nothing moves when they come: the same
 * elements, unseen. A height in pixels would be right for one language and the fonts of one machine.
 */
export function ModelPlace({ isEmbedded }: { isEmbedded: boolean }) {
  return (
    <div className="model-place" aria-hidden="true" inert>
      <p className="card-title">{ENGINE.model}</p>
      <Notice text={noticesText(NOTICES)} />
      <ModelFacts info={EXPECTED} />
      {isEmbedded && <DemoCard />}
    </div>
  );
}
