import { readdirSync } from 'node:fs';
import { bin, main, root, runNode } from './setup.mjs';

// npm run typecheck: checks every tsconfig*.json. tsconfig.json has all files and all libraries; each of the others has
// the files of one realm and the globals that exist there.

await main(async () => {
  const projects = readdirSync(root).filter((name) => /^tsconfig(\.\w+)?\.json$/.test(name));
  let worst = 0;
  for (const project of projects) {
    const code = await runNode([bin('typescript', 'tsc'), '--noEmit', '--project', project]);
    if (code !== 0) process.stdout.write(`The types of ${project} are wrong.\n`);
    worst = Math.max(worst, code);
  }
  return worst;
});
