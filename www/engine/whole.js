// A script that is cut between two statements runs without an error, and would be waited for. The worker imports this file first and marks
// itself as whole in its last statement.

/** Of the worker's script. */
export const script = { whole: false };

setTimeout(() => { // when the script has run
  if (!script.whole) throw new Error('the script ended before its last statement');
});
