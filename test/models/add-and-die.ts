/** Adds a model and kills itself half-way, as a machine that loses its power: for model-store.test.ts. */
import { addModel } from '../../models/manage/add-model.js';

const [from, store] = process.argv.slice(2);
await addModel({
  from: from!,
  store: store!,
  onProgress: (share) => {
    if (share > 0.5) process.kill(process.pid, 'SIGKILL');
  },
});
