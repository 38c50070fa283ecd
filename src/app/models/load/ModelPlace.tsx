import type { EngineInfo } from '../../../engine/engine.ts';
import { DEMO, DEMO_NOTICE } from '../../../texts/demo-facts.ts';
import { noticesText } from '../../i18n/notices-text.ts';
import { strings } from '../../i18n/strings.ts';
import { Notice } from '../../ui/feedback/Notice.tsx';
import { DemoCard } from './DemoCard.tsx';
import { ModelFacts, type ShownModel } from './ModelFacts.tsx';

/** Sample facts of the demo model on a CPU; only the lengths of these texts matter. */
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
 * Reserves the place of a loading model's facts with the same elements, invisible, so that nothing moves when they
 * arrive. A height in pixels would suit one language and one machine's fonts only.
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
