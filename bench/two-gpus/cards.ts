import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** A card of this machine. */
export interface Card {
  index: number;
  /** Its PCI address, for example `0000:65:00.0`. */
  bus: string;
  /** The number in the name of its device file, `/dev/nvidia0`. */
  minor: number;
  /** A Vulkan driver with only this card; for software drivers that stand for cards. */
  driver?: string;
}

/** A way to give a process one of several equal cards. */
export interface Way {
  name: string;
  /** Environment variables for a card; one process may also set those of two cards in turn. */
  variables?(card: Card): NodeJS.ProcessEnv;
  /** A command that starts the command after it with only this card visible. */
  command?(card: Card, cards: readonly Card[]): string[];
}

/** Lists cards from `nvidia-smi`, or one per driver. */
export function listCards(drivers: string | undefined): Card[] {
  if (drivers !== undefined) {
    return drivers.split(',').map((driver, index) => ({ index, bus: '', minor: index, driver }));
  }
  return smi('index,pci.bus_id').map(([number, address]) => {
    const index = Number(number);
    // `00000000:65:00.0`: Linux writes the domain with four digits.
    const bus = address!.slice(-12).toLowerCase();
    const about = `/proc/driver/nvidia/gpus/${bus}/information`;
    const text = existsSync(about) ? readFileSync(about, 'utf8') : '';
    const minor = Number(/Device Minor:\s*(\d+)/.exec(text)?.[1] ?? index);
    return { index, bus, minor };
  });
}

/** Bytes in use on each card; null if unknown. */
export function memoryUsed(): number[] | null {
  try {
    return smi('memory.used').map(([used]) => Number(used) * 2 ** 20);
  } catch {
    return null;
  }
}

function smi(fields: string): string[][] {
  const asked = [`--query-gpu=${fields}`, '--format=csv,noheader,nounits'];
  const text = execFileSync('nvidia-smi', asked, { encoding: 'utf8' });
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((field) => field.trim()));
}

/** Hides the device files of all cards but one, in the process's own mount namespace. */
function hiding(hide: (minor: number) => string, first: string, last: string) {
  return ({ minor }: Card, cards: readonly Card[]): string[] => {
    const others = cards.filter((other) => other.minor !== minor);
    const steps = [first, ...others.map((other) => hide(other.minor)), last].filter(Boolean);
    return ['unshare', '-m', 'sh', '-ec', `${steps.join('\n')}\nexec "$@"`, 'sh'];
  };
}

/** Replaces the folder of device files by a copy, in which a file can be missing. */
const COPY = `d=$(mktemp -d)
mount -t tmpfs none $d
cp -a /dev/nvidia* /dev/null /dev/zero /dev/full /dev/random /dev/urandom $d/
mkdir $d/shm
mount --bind /dev/shm $d/shm`;

/** In the order of trying. */
export const WAYS: readonly Way[] = [
  {
    // The layer of Debian 12 (Mesa 22.3.6) chooses the last card with another address.
    name: 'DRI_PRIME with VK_LAYER_MESA_device_select',
    variables: ({ bus }) => ({
      DRI_PRIME: `pci-${bus.replaceAll(/[:.]/g, '_')}`,
      MESA_VK_DEVICE_SELECT_FORCE_DEFAULT_DEVICE: '1',
      NODEVICE_SELECT: undefined,
    }),
  },
  {
    name: '/dev/null in the place of other device files',
    command: hiding((minor) => `mount --bind /dev/null /dev/nvidia${minor}`, '', ''),
  },
  {
    name: 'no device files of other cards, and none can be made',
    // The driver would create the file again.
    command: (card, cards) => [
      ...hiding((minor) => `rm $d/nvidia${minor}`, COPY, 'mount --rbind $d /dev')(card, cards),
      'setpriv',
      '--bounding-set=-mknod',
    ],
  },
  {
    name: 'CUDA_VISIBLE_DEVICES',
    variables: ({ index }) => ({ CUDA_VISIBLE_DEVICES: String(index) }),
  },
  {
    name: 'NVIDIA_VISIBLE_DEVICES',
    variables: ({ index }) => ({ NVIDIA_VISIBLE_DEVICES: String(index) }),
  },
];

/** For cards with a driver each. */
export const BY_DRIVER: Way = {
  name: 'VK_DRIVER_FILES',
  variables: ({ driver }) => ({ VK_DRIVER_FILES: driver! }),
};

/** Starts this program again for a card. `role`: its task; `way` null: no restriction to a card. */
export function startProcess(
  role: string,
  way: Way | null,
  card: Card,
  cards: readonly Card[],
): ChildProcess {
  const [program, ...first] = [
    ...(way?.command?.(card, cards) ?? []),
    process.execPath,
    ...process.execArgv,
    process.argv[1]!,
  ];
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    NODEVICE_SELECT: '1',
    ...way?.variables?.(card),
    TWO_GPUS_ROLE: role,
  };
  const child = spawn(program!, first, {
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // A message to a killed process raises an error of its own; the end of the process is reported elsewhere.
  child.on('error', () => {});
  return child;
}
