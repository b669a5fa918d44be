// What few visitors ask for: it comes when it is asked for (app/rare.js), in one file of dist.
export { openHelp } from './help.js';
export { picture } from './picture.js';
export { openPlan } from './plan.js';
export { openShare } from './share.js';
