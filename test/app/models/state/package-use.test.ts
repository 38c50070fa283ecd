import { expect, test } from 'vitest';
import { PackageUse } from '../../../../src/app/models/state/package-use.ts';

/** The locks of one origin, shared by all of its pages. */
function fakeLocks() {
  const held: { name: string }[] = [];
  return {
    async request(name: string, _: LockOptions, work: () => Promise<void>) {
      const lock = { name };
      held.push(lock);
      await work();
      held.splice(held.indexOf(lock), 1);
    },
    query: async () => ({ held: [...held] }),
  } as unknown as LockManager;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));
const busy = { code: 'packages/busy' };

test('a package that another page has loaded is busy, its own is not', async () => {
  const locks = fakeLocks();
  const here = new PackageUse(locks);
  const there = new PackageUse(locks);
  here.note('aa');
  await here.checkElsewhere('aa');
  await expect(there.checkElsewhere('aa')).rejects.toMatchObject(busy);
  there.note('aa');
  await expect(here.checkElsewhere('aa')).rejects.toMatchObject(busy);
  await there.checkElsewhere('bb');
  there.note(null);
  await turn();
  await here.checkElsewhere('aa');
});

test('another choice lets go of the one before', async () => {
  const locks = fakeLocks();
  const here = new PackageUse(locks);
  here.note('aa');
  here.note('bb');
  await turn();
  const there = new PackageUse(locks);
  await there.checkElsewhere('aa');
  await expect(there.checkElsewhere('bb')).rejects.toMatchObject(busy);
});

test('without locks nothing is busy', async () => {
  const here = new PackageUse(undefined);
  here.note('aa');
  await here.checkElsewhere('aa');
});
